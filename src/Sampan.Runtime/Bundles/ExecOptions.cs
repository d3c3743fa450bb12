using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Bundles;

/// <summary>Options of <c>exec</c>, as runc names them.</summary>
internal sealed record ExecOptions
{
    /// <summary>The process, made from that of the configuration.</summary>
    internal required Func<OciProcess, OciProcess> Process { get; init; }

    /// <summary>File that the process id is written to, or null.</summary>
    internal string? PidFile { get; init; }

    /// <summary>Unix socket that receives the master of the terminal, or null.</summary>
    internal string? ConsoleSocket { get; init; }

    /// <summary>Descriptors from 3 on that the program keeps.</summary>
    internal int PreservedDescriptors { get; init; }

    /// <summary>Groups below the container's own that the process joins.</summary>
    internal IReadOnlyList<string> Cgroups { get; init; } = [];

    /// <summary>True to make the process in a paused container, too: it stands still until the container goes on.</summary>
    internal bool IgnorePaused { get; init; }
}
