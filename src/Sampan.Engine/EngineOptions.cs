using Sampan.Runtime;
using Sampan.Storage.Distribution;

namespace Sampan.Engine;

/// <summary>What the daemon's command line and configuration file say to the engine.</summary>
public sealed record EngineOptions
{
    /// <summary>Where images, containers and volumes live across reboots, <c>/var/lib/sampan</c> by default.</summary>
    public required string DataRoot { get; init; }

    /// <summary>Where sockets and the state of running containers live, <c>/run/sampan</c> by default; a tmpfs.</summary>
    public required string ExecRoot { get; init; }

    /// <summary>The bridge of the default network; also tells two daemons' cgroups apart.</summary>
    public required string Bridge { get; init; }

    /// <summary>The bridge's own address with its prefix length, <c>172.17.0.1/16</c> by default.</summary>
    public required string BridgeAddress { get; init; }

    /// <summary>The <c>sampan-runtime</c> executable.</summary>
    public required string RuntimePath { get; init; }

    /// <summary>The version that info and labels report.</summary>
    public string Version { get; init; } = "0.1.0";

    /// <summary>The bridge's MTU in bytes; null: the kernel's default.</summary>
    public int? Mtu { get; init; }

    /// <summary>Addresses of version 6 on the default bridge.</summary>
    public bool IPv6 { get; init; }

    /// <summary>Its subnet of version 6; null: one of this machine's own.</summary>
    public string? BridgeSubnet6 { get; init; }

    /// <summary>The host address that published ports listen on when none is given.</summary>
    public string DefaultBindAddress { get; init; } = "0.0.0.0";

    /// <summary>Containers of the default bridge reach each other.</summary>
    public bool InterContainer { get; init; } = true;

    /// <summary>Programs of containers made from now on gain no privileges by execve, unless their security options say otherwise.</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary>Where subnets of new networks are cut from: ranges (<c>172.20.0.0/14</c>) and the prefix length of each subnet; empty: the built-in list.</summary>
    public IReadOnlyList<(string Base, int Size)> AddressPools { get; init; } = [];

    /// <summary>Published ports are open to those alone whom the host's own input rules let in.</summary>
    public bool HostPolicy { get; init; }

    /// <summary>Containers of one network talk past its bridge and the host's packet filter, where the kernel can, unless their network says otherwise.</summary>
    public bool NetworkShortcut { get; init; } = true;

    /// <summary>How many network namespaces are made ahead of the containers that will need them; 0: none.</summary>
    public int NetworkPoolSize { get; init; }

    /// <summary>The DNS servers for containers that ask for none; empty: the host's.</summary>
    public IReadOnlyList<string> Dns { get; init; } = [];

    /// <summary>Log options for containers that give none, such as <c>max-size</c>.</summary>
    public IReadOnlyDictionary<string, string> DefaultLogOptions { get; init; } = new Dictionary<string, string>();

    /// <summary>The logging driver of containers that ask for none; null: json-file.</summary>
    public string? DefaultLogDriver { get; init; }

    /// <summary>How registries are found and talked to.</summary>
    public RegistryOptions Registries { get; init; } = new();

    /// <summary>
    /// Where containers that name no parent have their control groups: an absolute path, or with <see cref="SystemdCgroups"/> a slice; null: a group of the
    /// daemon's own, or <c>system.slice</c>.
    /// </summary>
    public string? CgroupParent { get; init; }

    /// <summary>Microseconds of each period that all containers together may give to real-time tasks; null: none.</summary>
    public long? CpuRealtimeRuntime { get; init; }

    /// <summary>That period in microseconds; null: the kernel's second.</summary>
    public long? CpuRealtimePeriod { get; init; }

    /// <summary>True if systemd is asked for the control groups: each container is a scope in a slice.</summary>
    public bool SystemdCgroups { get; init; }

    /// <summary>Whose ids users of containers have on the host; null: the same.</summary>
    public Users.UserRemap? Remap { get; init; }

    /// <summary>Where files of the Container Device Interface lie; of two that have the same device the one in the later directory counts.</summary>
    public IReadOnlyList<string> CdiDirectories { get; init; } = ["/etc/cdi", "/var/run/cdi"];

    /// <summary>OCI runtimes that containers may name beside <see cref="OwnRuntime"/>.</summary>
    public IReadOnlyDictionary<string, OtherRuntimeChoice> Runtimes { get; init; } = new Dictionary<string, OtherRuntimeChoice>();

    /// <summary>The runtime of containers that name none.</summary>
    public string DefaultRuntime { get; init; } = OwnRuntime;

    /// <summary>The name of the engine's own runtime.</summary>
    public const string OwnRuntime = "sampan-runtime";

    /// <summary>Containers that become unhealthy are started again unless they say otherwise.</summary>
    public bool RestartOnUnhealthy { get; init; }

    /// <summary>How long <c>stop</c> waits before SIGKILL when neither the request nor the container says.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
