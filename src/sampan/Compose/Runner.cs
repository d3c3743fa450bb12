using System.Globalization;
using Sampan.Cli.Commands;
using Sampan.Cli.Commands.Images;
using Sampan.Cli.Output;
using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.Compose.Running;
using Sampan.Linux.Processes;

namespace Sampan.Cli.Compose;

/// <summary>The runner of a call's project, telling on stderr what happens.</summary>
internal static class Runner
{
    public static ProjectRunner Create(Invocation call, string name, Project? project, bool quietBuild = false, bool quiet = false) => new(call.Client, name, project, Progress(call, quiet), call.Time)
    {
        Parallel = (int?)(call.Group.Get(ComposeOptions.Parallel) ?? Limit(project)),
        Build = new ServiceBuild(call, quietBuild || call.Group.Get(ComposeOptions.Progress) == "quiet").RunAsync,
        Pull = async (image, platform, _) =>
        {
            try
            {
                await ImagePull.RunAsync(call, image, platform, TextWriter.Null).ConfigureAwait(false);
            }
            catch (CommandException e)
            {
                throw new ComposeException(e.Message, e);
            }
        },
    };

    /// <summary>The runner of the project that the call's files or its name say.</summary>
    public static ProjectRunner Find(Invocation call, IReadOnlyList<string>? targets = null)
    {
        var (name, project) = ComposeProject.Find(call, targets);
        return Create(call, name, project);
    }

    private static ComposeProgress Progress(Invocation call, bool quiet)
    {
        if (quiet || call.Group.Get(ComposeOptions.Progress) == "quiet") return static (_, _, _) => { };
        var gate = new Lock();
        bool colours = Colours.Wanted(call, StandardIo.ErrorIsTerminal);
        return (resource, state, reason) =>
        {
            string shown = colours ? Colours.State(state) : state;
            lock (gate) call.Error.WriteLine($" {resource}  {shown}{(reason.Length > 0 ? $" ({reason})" : "")}");
            FailPoint.Reach($"{resource} {state}");
        };
    }

    private static long? Limit(Project? project) =>
        long.TryParse(project?.Environment.GetValueOrDefault("COMPOSE_PARALLEL_LIMIT"), CultureInfo.InvariantCulture, out long n) ? n : null;
}
