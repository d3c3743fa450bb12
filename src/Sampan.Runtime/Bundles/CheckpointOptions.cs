namespace Sampan.Runtime.Bundles;

/// <summary>Options of <c>checkpoint</c> and <c>restore</c>, as runc names them.</summary>
internal sealed record CheckpointOptions
{
    /// <summary>The criu program.</summary>
    internal required string Criu { get; init; }

    /// <summary>Directory of the images.</summary>
    internal required string ImagePath { get; init; }

    /// <summary>Directory of criu's log and its other files; null for that of the images.</summary>
    internal string? WorkPath { get; init; }

    /// <summary>Directory of the images of an earlier pre-dump, relative to <see cref="ImagePath"/>; null for none.</summary>
    internal string? ParentPath { get; init; }

    internal bool LeaveRunning { get; init; }

    /// <summary>True to dump memory only; the container goes on.</summary>
    internal bool PreDump { get; init; }

    internal bool TcpEstablished { get; init; }

    internal bool ExternalUnixSockets { get; init; }

    internal bool ShellJob { get; init; }

    internal bool FileLocks { get; init; }

    internal bool AutoDedup { get; init; }

    /// <summary>criu's word for how control groups are treated.</summary>
    internal required string CgroupMode { get; init; }

    /// <summary>Namespaces that are made and not filled: <c>network</c>.</summary>
    internal IReadOnlyList<string> EmptyNamespaces { get; init; } = [];
}
