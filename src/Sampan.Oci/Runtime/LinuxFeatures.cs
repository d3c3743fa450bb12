namespace Sampan.Oci.Runtime;

/// <summary>What a runtime can do on Linux. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/features-linux.md">the specification</see>.</summary>
public sealed record LinuxFeatures
{
    /// <summary>Namespace types known.</summary>
    public IReadOnlyList<string> Namespaces { get => field ?? []; init; }

    /// <summary>Capabilities known.</summary>
    public IReadOnlyList<string> Capabilities { get => field ?? []; init; }

    /// <summary>Cgroup support.</summary>
    public CgroupFeatures? Cgroup { get; init; }

    /// <summary>Filter support.</summary>
    public SeccompFeatures? Seccomp { get; init; }

    /// <summary>AppArmor support.</summary>
    public EnabledFeature? Apparmor { get; init; }

    /// <summary>SELinux support.</summary>
    public EnabledFeature? Selinux { get; init; }

    /// <summary>Intel RDT support.</summary>
    public EnabledFeature? IntelRdt { get; init; }

    /// <summary>Mount support beyond options.</summary>
    public MountExtensions? MountExtensions { get; init; }

    /// <summary>Moving of network devices.</summary>
    public EnabledFeature? NetDevices { get; init; }
}
