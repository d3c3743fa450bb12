using Sampan.DockerApi.Builds;
using Sampan.DockerApi.Images;

namespace Sampan.Cli.Commands.Images;

/// <summary>What came of a build, learned from its messages.</summary>
internal sealed class BuildOutcome
{
    private readonly SortedDictionary<int, PastBuildStep> _steps = [];

    /// <summary>The image; null: there is none yet.</summary>
    public string? ImageId { get; private set; }

    /// <summary>The build's id in the engine's history; null: it did not say.</summary>
    public string? BuildId { get; private set; }

    /// <summary>What a command left that failed; null: none did, or it was not kept.</summary>
    public FailedBuildState? Failed { get; private set; }

    /// <summary>Gives the messages on. The failure is thrown after its message was seen, with the exit code of the command that failed.</summary>
    public async IAsyncEnumerable<ProgressMessage> WatchAsync(IAsyncEnumerable<ProgressMessage> messages)
    {
        await foreach (var message in messages.ConfigureAwait(false))
        {
            ImageId = message.Aux?.ID ?? ImageId;
            BuildId = message.Aux?.BuildID ?? BuildId;
            Failed = message.Aux?.FailedState ?? Failed;
            if (message.BuildStep is { } step) _steps[step.Number] = step;
            yield return message;
            string? reason = message.ErrorDetail?.Message is { Length: > 0 } detail ? detail : message.Error;
            if (reason is { Length: > 0 }) throw new CommandException(reason, message.ErrorDetail?.Code is { } code and > 0 ? code : 1);
        }
    }

    /// <summary>Prints of each step that ran why it did.</summary>
    public void Explain(TextWriter output)
    {
        var ran = _steps.Values.Where(step => step.Reason is not null).ToList();
        output.WriteLine();
        if (ran.Count == 0)
        {
            output.WriteLine("No step ran: everything came from the cache.");
            return;
        }
        output.WriteLine("Why steps ran:");
        foreach (var step in ran)
        {
            output.WriteLine($"  [{step.Stage} {step.Index}/{step.Of}] {step.Text.ReplaceLineEndings(" ")}");
            output.WriteLine($"      {step.Reason}{(step.ComparedWith is { } other ? $" (compared with build {other[..12]})" : "")}");
        }
    }
}
