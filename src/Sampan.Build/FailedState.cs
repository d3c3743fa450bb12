namespace Sampan.Build;

/// <summary>The state in which a command of a RUN step failed, kept so that somebody can look into it.</summary>
/// <param name="ImageId">Its files: a step, of which containers can be made.</param>
/// <param name="CacheId">The entry of the cache that keeps them.</param>
/// <param name="Shell">The shell that ran the command.</param>
/// <param name="Environment">Variables, <c>name=value</c>, those of arguments included; no secrets.</param>
/// <param name="WorkingDirectory">Where the command ran.</param>
/// <param name="User">As whom; empty: root.</param>
public sealed record FailedState(string ImageId, string CacheId, IReadOnlyList<string> Shell, IReadOnlyList<string> Environment, string WorkingDirectory, string User);
