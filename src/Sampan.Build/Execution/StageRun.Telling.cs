using Sampan.Build.History;
using Sampan.Build.Parsing;
using Sampan.Engine;

namespace Sampan.Build.Execution;

/// <content>What a stage has to say, above all of what failed.</content>
internal sealed partial class StageRun
{
    /// <summary>
    /// What the user gets to know: the reason, where the Dockerfile has it, and the lines around that, which are told here with the step. What another
    /// stage told that this one waited for, and what was given up, stays as it is.
    /// </summary>
    private Exception Told(Exception failure, Instruction current)
    {
        if (failure is OperationCanceledException or BuildException { IsTold: true })
            return failure;
        var wrong = (failure as DockerfileException)?.In(build.Plan.Text.Lines);
        // A trigger is in no line of this Dockerfile: its FROM brought it.
        var place = _trigger is null ? wrong?.Place ?? current.Place : stage.From.Place;
        var origin = _trigger is null ? "" : $", a trigger of '{stage.Base}': {_trigger.Split('\n', 2)[0]}";
        Say(build.Plan.Text.Excerpt(build.Request.Dockerfile, place));
        var reason = wrong?.Reason ?? (failure is BuildException || current is Instruction.From && _trigger is null ? failure.Message : $"{VerbOf(current)} failed: {failure.Message}");
        var kind = failure switch
        {
            BuildException known => known.Kind,
            EngineException known => known.Kind,
            DockerfileException or Storage.StorageException or InvalidDataException => ErrorKind.InvalidArgument,
            _ => ErrorKind.Internal,
        };
        return new BuildException(kind, $"{reason} ({place}{origin})", null, failure) { IsTold = true };
    }

    private void Failed()
    {
        // What a stage waited for may be what failed: then that one was first.
        var isFirst = build.TryFail();
        if (_entry > 0)
            build.Journal.End(_entry, isFirst && !build.Stopped.IsCancellationRequested ? BuildStatus.Failed : BuildStatus.Cancelled);
    }

    // Text for the classic client, which reads one stage after the other.
    private void Tell(string text)
    {
        if (!build.Journal.IsWatched)
            build.Output.Tell(stage.Index, text);
    }

    // Text that a command, or we for it, has to say.
    private void Say(string text)
    {
        Tell(text);
        build.Journal.Say(_entry, text);
    }
}
