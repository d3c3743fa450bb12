using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Engines;

/// <summary>The answer of GET /info.</summary>
public sealed record SystemInfo
{
    /// <summary>The engine's id.</summary>
    public string ID { get; init => field = value ?? ""; } = "";

    /// <summary>All containers.</summary>
    public int Containers { get; init; }

    /// <summary>Running ones.</summary>
    public int ContainersRunning { get; init; }

    /// <summary>Paused ones.</summary>
    public int ContainersPaused { get; init; }

    /// <summary>Stopped ones.</summary>
    public int ContainersStopped { get; init; }

    /// <summary>Images.</summary>
    public int Images { get; init; }

    /// <summary>The storage driver.</summary>
    public string Driver { get; init => field = value ?? ""; } = "";

    /// <summary>What the storage driver says: pairs.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<IReadOnlyList<string>>? DriverStatus { get; init; }

    /// <summary>What a standalone Swarm says: pairs.</summary>
    public IReadOnlyList<IReadOnlyList<string>>? SystemStatus { get; init; }

    /// <summary>Drivers by kind.</summary>
    public PluginsInfo? Plugins { get; init; }

    /// <summary>Whether memory can be limited.</summary>
    public bool MemoryLimit { get; init; }

    /// <summary>Whether swap can be limited.</summary>
    public bool SwapLimit { get; init; }

    /// <summary>Whether kernel TCP memory can be limited.</summary>
    public bool? KernelMemoryTCP { get; init; }

    /// <summary>Whether the CPU period can be set.</summary>
    public bool CpuCfsPeriod { get; init; }

    /// <summary>Whether the CPU quota can be set.</summary>
    public bool CpuCfsQuota { get; init; }

    /// <summary>Whether CPU shares can be set.</summary>
    public bool CPUShares { get; init; }

    /// <summary>Whether CPUs can be pinned.</summary>
    public bool CPUSet { get; init; }

    /// <summary>Whether tasks can be limited.</summary>
    public bool PidsLimit { get; init; }

    /// <summary>Whether the host forwards IPv4.</summary>
    public bool IPv4Forwarding { get; init; }

    /// <summary>Whether bridged IPv4 passes the firewall.</summary>
    public bool? BridgeNfIptables { get; init; }

    /// <summary>Whether bridged IPv6 passes the firewall.</summary>
    public bool? BridgeNfIp6tables { get; init; }

    /// <summary>Whether the engine logs for debugging.</summary>
    public bool Debug { get; init; }

    /// <summary>Open descriptors.</summary>
    public int NFd { get; init; }

    /// <summary>Whether the OOM killer can be kept away.</summary>
    public bool OomKillDisable { get; init; }

    /// <summary>Tasks at work in the engine.</summary>
    public int NGoroutines { get; init; }

    /// <summary>The engine's clock, RFC 3339.</summary>
    public string SystemTime { get; init => field = value ?? ""; } = "";

    /// <summary>The default logging driver.</summary>
    public string LoggingDriver { get; init => field = value ?? ""; } = "";

    /// <summary>cgroupfs, systemd or none.</summary>
    public string CgroupDriver { get; init => field = value ?? ""; } = "";

    /// <summary>1 or 2.</summary>
    public string? CgroupVersion { get; init; }

    /// <summary>Clients that listen to events.</summary>
    public int NEventsListener { get; init; }

    /// <summary>The kernel's version.</summary>
    public string KernelVersion { get; init => field = value ?? ""; } = "";

    /// <summary>The operating system's name.</summary>
    public string OperatingSystem { get; init => field = value ?? ""; } = "";

    /// <summary>The operating system's version.</summary>
    public string OSVersion { get; init => field = value ?? ""; } = "";

    /// <summary>linux.</summary>
    public string OSType { get; init => field = value ?? ""; } = "";

    /// <summary>The CPU architecture, uname's name.</summary>
    public string Architecture { get; init => field = value ?? ""; } = "";

    /// <summary>The default registry.</summary>
    public string IndexServerAddress { get; init => field = value ?? ""; } = "";

    /// <summary>Registries.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public RegistryServiceConfig? RegistryConfig { get; init; }

    /// <summary>CPUs.</summary>
    public int NCPU { get; init; }

    /// <summary>Memory of the host in bytes.</summary>
    public long MemTotal { get; init; }

    /// <summary>Resources of a swarm node.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<JsonElement>? GenericResources { get; init; }

    /// <summary>Where the engine keeps its data.</summary>
    public string DockerRootDir { get; init => field = value ?? ""; } = "";

    /// <summary>Proxy for HTTP.</summary>
    public string HttpProxy { get; init => field = value ?? ""; } = "";

    /// <summary>Proxy for HTTPS.</summary>
    public string HttpsProxy { get; init => field = value ?? ""; } = "";

    /// <summary>Hosts without proxy.</summary>
    public string NoProxy { get; init => field = value ?? ""; } = "";

    /// <summary>The host's name.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>Labels of the engine.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Whether experimental features are on.</summary>
    public bool ExperimentalBuild { get; init; }

    /// <summary>The engine's version.</summary>
    public string ServerVersion { get; init => field = value ?? ""; } = "";

    /// <summary>OCI runtimes by name.</summary>
    public IReadOnlyDictionary<string, RuntimeInfo>? Runtimes { get; init; }

    /// <summary>The default OCI runtime.</summary>
    public string DefaultRuntime { get; init => field = value ?? ""; } = "";

    /// <summary>The swarm, which Sampan is never part of.</summary>
    public SwarmInfo? Swarm { get; init; }

    /// <summary>Whether containers outlive the engine.</summary>
    public bool LiveRestoreEnabled { get; init; }

    /// <summary>Windows only.</summary>
    public string Isolation { get; init => field = value ?? ""; } = "";

    /// <summary>The init process.</summary>
    public string InitBinary { get; init => field = value ?? ""; } = "";

    /// <summary>containerd; engines without it leave it empty.</summary>
    public CommitInfo? ContainerdCommit { get; init; }

    /// <summary>The OCI runtime.</summary>
    public CommitInfo? RuncCommit { get; init; }

    /// <summary>The init process.</summary>
    public CommitInfo? InitCommit { get; init; }

    /// <summary>Security features, as name=seccomp,profile=builtin.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? SecurityOptions { get; init; }

    /// <summary>The product's license.</summary>
    public string? ProductLicense { get; init; }

    /// <summary>Where new networks get subnets.</summary>
    public IReadOnlyList<AddressPool>? DefaultAddressPools { get; init; }

    /// <summary>The firewall.</summary>
    public FirewallInfo? FirewallBackend { get; init; }

    /// <summary>Directories of device specifications.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? CDISpecDirs { get; init; }

    /// <summary>Devices that containers can have by name.</summary>
    public IReadOnlyList<DeviceInfo>? DiscoveredDevices { get; init; }

    /// <summary>How to reach containerd; engines without it leave it out.</summary>
    public ContainerdInfo? Containerd { get; init; }

    /// <summary>What the host lacks.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Warnings { get; init; }
}
