using Sampan.Runtime.Bundles;

namespace Sampan.Runtime.Commands;

/// <summary>What the options before the command say, for every command.</summary>
internal sealed record CommandContext
{
    /// <summary>All arguments of the process, to start it over.</summary>
    internal required string[] Args { get; init; }

    internal required CommandLog Log { get; init; }

    /// <summary>Directory of the containers' state.</summary>
    internal required string Root { get; init; }

    /// <summary>True to go on without control groups that may not be made.</summary>
    internal required bool IsRootless { get; init; }

    /// <summary>The criu program.</summary>
    internal required string Criu { get; init; }

    /// <summary>True if systemd is asked for cgroups.</summary>
    internal required bool BySystemd { get; init; }

    internal OciRuntime Runtime => new(Root, TimeProvider.System) { Warn = Log.Warn, BySystemd = BySystemd, IsRootless = IsRootless };
}
