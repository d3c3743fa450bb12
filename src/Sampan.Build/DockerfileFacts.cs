using Sampan.Build.Checking;

namespace Sampan.Build;

/// <summary>What a Dockerfile offers, read and not built.</summary>
/// <param name="Name">The file.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Stages">In their order.</param>
/// <param name="Target">The name of the stage that a build would make; null: it has none.</param>
/// <param name="Arguments">What ARG declares for the target, in its order.</param>
/// <param name="Secrets">Secrets that the target's commands ask for.</param>
/// <param name="Agents">SSH agents that they ask for.</param>
/// <param name="Warnings">What the checks find.</param>
public sealed record DockerfileFacts(
    string Name,
    byte[] Content,
    IReadOnlyList<DockerfileFacts.Stage> Stages,
    string? Target,
    IReadOnlyList<DockerfileFacts.Argument> Arguments,
    IReadOnlyList<DockerfileFacts.Need> Secrets,
    IReadOnlyList<DockerfileFacts.Need> Agents,
    IReadOnlyList<BuildWarning> Warnings)
{
    /// <summary>A stage.</summary>
    /// <param name="Name">Null: it has none.</param>
    /// <param name="Base">What it begins with.</param>
    /// <param name="Platform">What for; null: the build's.</param>
    /// <param name="IsLast">A build that names no target makes it.</param>
    /// <param name="Line">From 1.</param>
    public sealed record Stage(string? Name, string Base, string? Platform, bool IsLast, int Line);

    /// <summary>An argument.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Value">What it would be; null: nothing.</param>
    /// <param name="Line">From 1.</param>
    public sealed record Argument(string Name, string? Value, int Line);

    /// <summary>Something that the client has to give.</summary>
    /// <param name="Id">By which it is asked for.</param>
    /// <param name="IsRequired">The build fails without it.</param>
    /// <param name="Line">From 1.</param>
    public sealed record Need(string Id, bool IsRequired, int Line);
}
