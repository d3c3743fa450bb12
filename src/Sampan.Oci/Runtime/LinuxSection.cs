using System.Collections.ObjectModel;

namespace Sampan.Oci.Runtime;

/// <summary>What only Linux has: namespaces, cgroup, seccomp, devices. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md">the specification</see>.</summary>
public sealed record LinuxSection
{
    /// <summary>User id map of a new user namespace.</summary>
    public IReadOnlyList<IdMapping> UidMappings { get => field ?? []; init; }

    /// <summary>Group id map of a new user namespace.</summary>
    public IReadOnlyList<IdMapping> GidMappings { get => field ?? []; init; }

    /// <summary>Kernel parameters set inside the container, dots between the parts of a name.</summary>
    public IReadOnlyDictionary<string, string> Sysctl { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>Limits set on the cgroup, or null.</summary>
    public Resources? Resources { get; init; }

    /// <summary>Absolute cgroup path below the controllers' mounts, or null to let the runtime choose.</summary>
    public string? CgroupsPath { get; init; }

    /// <summary>Namespaces to make or join; a type that is missing is inherited.</summary>
    public IReadOnlyList<Namespace> Namespaces { get => field ?? []; init; }

    /// <summary>Device nodes beyond the default ones.</summary>
    public IReadOnlyList<Device> Devices { get => field ?? []; init; }

    /// <summary>Network devices of the host to move inside, by their name there.</summary>
    public IReadOnlyDictionary<string, NetDevice> NetDevices { get => field ?? ReadOnlyDictionary<string, NetDevice>.Empty; init; }

    /// <summary>System call filter, or null for none.</summary>
    public Seccomp? Seccomp { get; init; }

    /// <summary><c>private</c>, <c>shared</c>, <c>slave</c>, <c>unbindable</c> or their recursive forms; null for the default.</summary>
    public string? RootfsPropagation { get; init; }

    /// <summary>Paths made unreadable.</summary>
    public IReadOnlyList<string> MaskedPaths { get => field ?? []; init; }

    /// <summary>Paths made read-only.</summary>
    public IReadOnlyList<string> ReadonlyPaths { get => field ?? []; init; }

    /// <summary>SELinux label of the mounts, or null.</summary>
    public string? MountLabel { get; init; }

    /// <summary>Cache and bandwidth allocation, or null.</summary>
    public IntelRdt? IntelRdt { get; init; }

    /// <summary>NUMA memory policy, or null.</summary>
    public MemoryPolicy? MemoryPolicy { get; init; }

    /// <summary>Execution domain, or null to inherit.</summary>
    public Personality? Personality { get; init; }

    /// <summary>Offsets of a new time namespace by clock, <c>monotonic</c> and <c>boottime</c>.</summary>
    public IReadOnlyDictionary<string, TimeOffset> TimeOffsets { get => field ?? ReadOnlyDictionary<string, TimeOffset>.Empty; init; }
}
