using Sampan.Engine.Containers;
using Sampan.Oci.Runtime;

namespace Sampan.Engine.Specs;

/// <summary>All that <see cref="SpecBuilder"/> turns into an OCI spec; nothing else influences it.</summary>
internal sealed record SpecInputs
{
    /// <summary>The container, its spec merged with the image's.</summary>
    public required ContainerSnapshot Container { get; init; }

    /// <summary>Who the process is.</summary>
    public required OciUser User { get; init; }

    /// <summary>That user's home directory.</summary>
    public required string Home { get; init; }

    /// <summary>The host name inside.</summary>
    public required string Hostname { get; init; }

    /// <summary>The cgroup, absolute in the hierarchy.</summary>
    public required string CgroupPath { get; init; }

    /// <summary>The network namespace to join; null: the host's.</summary>
    public required string? NetworkNamespace { get; init; }

    /// <summary>Variables that tell of containers it is linked to.</summary>
    public IReadOnlyList<string> LinkVariables { get; init; } = [];

    /// <summary>The pid namespace to join; null: a new one, or the host's if the spec says so.</summary>
    public string? PidNamespace { get; init; }

    /// <summary>The process whose IPC namespace and shared memory are joined; null: a namespace of its own, or the host's if the spec says so.</summary>
    public int? IpcProcess { get; init; }

    /// <summary>Whose users it has; null: the host's.</summary>
    public Users.MappedUsers? Users { get; init; }

    /// <summary>Destinations of the mounts that are made through the map of <see cref="Users"/>.</summary>
    public IReadOnlySet<string> MappedMounts { get; init; } = new HashSet<string>();

    /// <summary>The devices of the host that <c>--device</c> or <c>--privileged</c> name, with their paths inside.</summary>
    public IReadOnlyList<Device> Devices { get; init; } = [];

    /// <summary>The device on the host behind a path inside that has another name there.</summary>
    public IReadOnlyDictionary<string, string> DeviceSources { get; init; } = new Dictionary<string, string>();

    /// <summary>How the images that it mounts are mounted, by their place inside.</summary>
    public IReadOnlyDictionary<string, Mount> ImageMounts { get; init; } = new Dictionary<string, Mount>();

    /// <summary>Block I/O limits by device; null: none.</summary>
    public BlockIoLimits? BlockIo { get; init; }

    /// <summary>What capabilities were decided.</summary>
    public required CapabilityGrant Capabilities { get; init; }

    /// <summary>The files that are mounted on /etc/hostname, /etc/hosts and /etc/resolv.conf: this container's, or those of the one whose network it shares.</summary>
    public required string HostnamePath { get; init; }

    /// <inheritdoc cref="HostnamePath"/>
    public required string HostsPath { get; init; }

    /// <inheritdoc cref="HostnamePath"/>
    public required string ResolvConfPath { get; init; }
}
