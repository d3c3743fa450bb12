using Sampan.Cli.Commands.Containers;
using Sampan.Cli.Output;
using Sampan.DockerApi.Builds;
using Sampan.DockerApi.Client;

namespace Sampan.Cli.Commands.Images;

/// <summary>A shell in the state in which a command of a build failed. Its mounts are not there: caches and secrets are a build's only.</summary>
internal static class FailedShell
{
    /// <summary>Runs the shell until it ends, and lets the state go.</summary>
    public static async Task OpenAsync(Invocation call, FailedBuildState state)
    {
        call.Error.WriteLine($"Opening {state.Shell[0]} in the state of the failed step (what it had mounted is not there); exit ends the build.");
        List<string> words = ["--rm", "-i", "--entrypoint", state.Shell[0], "-w", state.WorkingDir.Length > 0 ? state.WorkingDir : "/"];
        if (StandardIo.InIsTerminal) words.Add("-t");
        foreach (string line in state.Env) words.AddRange(["-e", line]);
        if (state.User.Length > 0) words.AddRange(["-u", state.User]);
        words.Add(state.ImageId);
        try
        {
            await call.RunAsync(RunCommand.Command, words).ConfigureAwait(false);
        }
        finally
        {
            await call.Client.PruneBuildsAsync(all: true, filters: new Filters().Add("id", state.CacheId), cancellationToken: call.Cancelled).ConfigureAwait(false);
        }
    }
}
