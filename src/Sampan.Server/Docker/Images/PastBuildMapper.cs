using Sampan.Build;
using Sampan.Build.History;
using Sampan.DockerApi.Builds;

namespace Sampan.Server.Docker.Images;

/// <summary>Builds that are remembered, as the API has them. Pure.</summary>
internal static class PastBuildMapper
{
    /// <summary>A build; in lists without its steps.</summary>
    internal static PastBuild ToBuild(BuildRecord build, bool withSteps) => new()
    {
        Id = build.Id,
        Created = build.Created,
        Completed = build.Completed,
        Status = Word(build.Status),
        Error = build.Error,
        Dockerfile = build.Dockerfile,
        Remote = build.Remote,
        Target = build.Target,
        Platform = build.Platform,
        Tags = build.Tags,
        Arguments = build.Arguments,
        ImageId = build.ImageId,
        StepCount = build.Steps.Count(step => step.HasFiles),
        CachedCount = build.Steps.Count(step => step.Status == BuildStatus.Cached),
        Steps = withSteps ? [.. build.Steps.Select(ToStep)] : null,
    };

    /// <summary>A step.</summary>
    internal static PastBuildStep ToStep(StepRecord step) => new()
    {
        Number = step.Number,
        Stage = step.Stage,
        Index = step.Index,
        Of = step.Of,
        Text = step.Text,
        Status = Word(step.Status),
        Started = step.Started,
        Completed = step.Completed,
        Reason = step.Reason,
        ComparedWith = step.ComparedWith,
        HasFiles = step.HasFiles,
    };

    /// <summary>What a failed command left.</summary>
    internal static FailedBuildState ToMessage(FailedState state) => new()
    {
        ImageId = state.ImageId,
        CacheId = state.CacheId,
        Shell = state.Shell,
        Env = state.Environment,
        WorkingDir = state.WorkingDirectory,
        User = state.User,
    };

    private static string Word(BuildStatus status) => status switch
    {
        BuildStatus.Running => "running",
        BuildStatus.Done => "done",
        BuildStatus.Cached => "cached",
        BuildStatus.Failed => "failed",
        _ => "cancelled",
    };
}
