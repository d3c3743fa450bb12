using Sampan.Engine.Logs;
using Sampan.Oci.Runtime;
using Sampan.Runtime;

namespace Sampan.Engine.Supervision;

/// <summary>All that a supervisor needs to make a container.</summary>
internal sealed record LaunchOrder
{
    /// <summary>The container's id.</summary>
    public required string Id { get; init; }

    /// <summary>Where the supervisor keeps its socket and its last word; made for it, on tmpfs.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>What to make.</summary>
    public required RuntimeSpec Spec { get; init; }

    /// <summary><c>default</c>, a profile in Docker's JSON, or null for none.</summary>
    public string? SeccompProfile { get; init; }

    /// <summary>The runtime that makes it; null: the engine's own.</summary>
    public OtherRuntimeChoice? Runtime { get; init; }

    /// <summary>What makes the root filesystem, mounted inside the container's own mount namespace.</summary>
    public required IReadOnlyList<Mount> RootfsMounts { get; init; }

    /// <summary>The log; null: none is kept.</summary>
    public string? LogPath { get; init; }

    /// <summary>How the log rotates.</summary>
    public required LogPlan Log { get; init; }

    /// <summary>A JSON object that each entry of the log has as <c>attrs</c>; null: none.</summary>
    public string? LogAttributes { get; init; }

    /// <summary>Standard input is a pipe, not /dev/null.</summary>
    public bool OpenStdin { get; init; }

    /// <summary>It is closed when the first writer goes.</summary>
    public bool StdinOnce { get; init; }
}
