using Sampan.Oci.Runtime;

namespace Sampan.Runtime;

/// <summary>What a supervisor needs to know beside the OCI configuration. The state directory holds <c>config.json</c> already.</summary>
public sealed record SupervisorLaunch
{
    /// <summary>Id of the container.</summary>
    public required string Id { get; init; }

    /// <summary>Directory of the container on a memory file system, 0700: <c>config.json</c>, then <c>rootfs/</c>, <c>supervisor.sock</c>, <c>exit.json</c>.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Mounts that make the root filesystem, done in order inside the container's mount namespace; empty if <c>root.path</c> is it already.</summary>
    public required IReadOnlyList<Mount> RootfsMounts { get => field ?? []; init; }

    /// <summary>
    /// The system call filter: null for what <c>linux.seccomp</c> of the configuration says, <c>default</c> for Docker's default profile made for the
    /// capabilities of the process, anything else is a profile in Docker's JSON. It holds for execs, too.
    /// </summary>
    public string? SeccompProfile { get; init; }

    /// <summary>The runtime that makes the container; null: this one.</summary>
    public OtherRuntimeChoice? Runtime { get; init; }

    /// <summary>The json-file log, or null for none.</summary>
    public string? LogPath { get; init; }

    /// <summary>Bytes after which the log is rotated; 0 means never.</summary>
    public long LogMaxBytes { get; init; }

    /// <summary>Log files kept, the current one included; at least 1.</summary>
    public int LogMaxFiles { get; init; } = 1;

    /// <summary>A JSON object that each entry has as <c>attrs</c>; null: none.</summary>
    public string? LogAttributes { get; init; }

    /// <summary>True to keep a standard input open for attached clients.</summary>
    public bool OpenStdin { get; init; }

    /// <summary>True to close standard input when the first client that attached it ends its input.</summary>
    public bool StdinOnce { get; init; }
}
