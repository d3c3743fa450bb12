using System.Globalization;
using System.Runtime.InteropServices;
using Sampan.DockerApi;
using Sampan.DockerApi.Engines;
using Sampan.Engine;
using Sampan.Engine.Logs.Drivers;
using Sampan.Server.Docker.Containers;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Engines;

/// <summary>Makes <c>docker info</c> and <c>docker version</c>.</summary>
internal static class SystemMapper
{
    /// <summary>The versions.</summary>
    internal static SystemVersion ToVersion(SystemSummary summary, bool isExperimental)
    {
        var runtime = $".NET {Environment.Version}";
        var arch = Architecture(summary.Architecture);
        return new SystemVersion
        {
            Platform = new VersionPlatform { Name = "Sampan Engine" },
            Version = EngineVersion.Docker,
            ApiVersion = ApiVersion.Newest.ToString(),
            MinAPIVersion = ApiVersion.Oldest.ToString(),
            GitCommit = "",
            GoVersion = runtime,
            Os = "linux",
            Arch = arch,
            KernelVersion = summary.KernelVersion,
            Components =
            [
                new VersionComponent
                {
                    Name = "Engine",
                    Version = EngineVersion.Docker,
                    Details = new Dictionary<string, string>(StringComparer.Ordinal)
                    {
                        ["ApiVersion"] = ApiVersion.Newest.ToString(),
                        ["Arch"] = arch,
                        ["Experimental"] = isExperimental ? "true" : "false",
                        ["GoVersion"] = runtime,
                        ["KernelVersion"] = summary.KernelVersion,
                        ["MinAPIVersion"] = ApiVersion.Oldest.ToString(),
                        ["Os"] = "linux",
                    },
                },
                new VersionComponent { Name = "Sampan", Version = summary.Version, Details = new Dictionary<string, string>(StringComparer.Ordinal) },
                new VersionComponent { Name = ContainerRequestMapper.RuntimeName, Version = summary.Version, Details = new Dictionary<string, string>(StringComparer.Ordinal) },
            ],
        };
    }

    /// <summary>All that the engine tells of itself and its machine.</summary>
    internal static SystemInfo ToInfo(SystemSummary summary, DockerDaemon daemon) => new()
    {
        ID = summary.Id,
        ExperimentalBuild = daemon.IsExperimental,
        Containers = summary.Running + summary.Paused + summary.Stopped,
        ContainersRunning = summary.Running,
        ContainersPaused = summary.Paused,
        ContainersStopped = summary.Stopped,
        Images = summary.Images,
        Driver = summary.Driver,
        DriverStatus = [.. summary.DriverStatus.Select(s => (IReadOnlyList<string>)[s.Key, s.Value])],
        Plugins = new PluginsInfo { Volume = daemon.Engine.Volumes.Drivers(), Network = ["bridge", "host", "ipvlan", "macvlan", "null"], Authorization = daemon.AuthorizationPlugins, Log = LogDrivers.Names },
        MemoryLimit = true,
        SwapLimit = true,
        CpuCfsPeriod = true,
        CpuCfsQuota = true,
        CPUShares = true,
        CPUSet = true,
        PidsLimit = true,
        IPv4Forwarding = summary.IPv4Forwarding,
        Debug = daemon.Debug(),
        OomKillDisable = summary.CgroupVersion == 1,
        SystemTime = Timestamp.Write(daemon.Time.GetUtcNow()),
        LoggingDriver = daemon.LogDriver,
        CgroupDriver = summary.CgroupDriver,
        CgroupVersion = summary.CgroupVersion.ToString(CultureInfo.InvariantCulture),
        NEventsListener = summary.EventListeners,
        KernelVersion = summary.KernelVersion,
        OperatingSystem = summary.OperatingSystem,
        OSVersion = summary.OsVersion,
        OSType = "linux",
        Architecture = summary.Architecture,
        IndexServerAddress = "https://index.docker.io/v1/",
        RegistryConfig = RegistryConfig(daemon),
        NCPU = summary.Processors,
        MemTotal = summary.Memory,
        DockerRootDir = summary.DataRoot,
        Name = summary.Hostname,
        Labels = daemon.Labels(),
        ServerVersion = EngineVersion.Docker,
        Runtimes = summary.Runtimes.ToDictionary(r => r.Key, r => new RuntimeInfo { Path = r.Value.Path, RuntimeArgs = r.Value.Arguments.Count == 0 ? null : r.Value.Arguments }, StringComparer.Ordinal),
        DefaultRuntime = summary.DefaultRuntime,
        Swarm = new SwarmInfo { LocalNodeState = "inactive" },
        // Containers outlive the daemon always: what Docker has as an option is how this engine works.
        LiveRestoreEnabled = true,
        InitBinary = "docker-init",
        ContainerdCommit = new CommitInfo(),
        RuncCommit = new CommitInfo(),
        InitCommit = new CommitInfo(),
        SecurityOptions = [.. SecurityOptions(summary)],
        HttpProxy = Proxy("http_proxy"),
        HttpsProxy = Proxy("https_proxy"),
        NoProxy = Proxy("no_proxy"),
        DefaultAddressPools = daemon.AddressPools.Count == 0 ? null : [.. daemon.AddressPools.Select(pool => new AddressPool { Base = pool.Base, Size = pool.Size })],
        FirewallBackend = new FirewallInfo { Driver = "nftables" },
        CDISpecDirs = summary.CdiDirectories,
        DiscoveredDevices = summary.CdiDevices.Count == 0 ? null : [.. summary.CdiDevices.Select(name => new DeviceInfo { Source = "cdi", ID = name })],
        // Docker's words: its client prints them, and audits look for them.
        Warnings = [.. daemon.OpenAddresses.Select(address => $"WARNING: API is accessible on {address}: whoever reaches it is root on this machine"), .. summary.Warnings],
    };

    /// <summary>Go's word for the architecture.</summary>
    internal static string Architecture(string machine) => machine switch
    {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        _ => RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
    };

    // As the daemon reads them when it asks registries; a password is not told.
    private static string Proxy(string variable)
    {
        var value = Environment.GetEnvironmentVariable(variable.ToUpperInvariant()) ?? Environment.GetEnvironmentVariable(variable) ?? "";
        return Uri.TryCreate(value, UriKind.Absolute, out var url) && url.UserInfo.Length > 0 ? value.Replace(url.UserInfo + "@", "xxxxx:xxxxx@", StringComparison.Ordinal) : value;
    }

    private static IEnumerable<string> SecurityOptions(SystemSummary summary)
    {
        yield return "name=seccomp,profile=builtin";
        if (summary.CgroupVersion == 2)
            yield return "name=cgroupns";
        if (summary.MapsUsers)
            yield return "name=userns";
        if (summary.NoNewPrivileges)
            yield return "name=no-new-privileges";
    }

    private static RegistryServiceConfig RegistryConfig(DockerDaemon daemon)
    {
        var indexes = new Dictionary<string, RegistryIndex>(StringComparer.Ordinal) { ["docker.io"] = new() { Name = "docker.io", Mirrors = daemon.RegistryMirrors, Secure = true, Official = true } };
        foreach (var host in daemon.InsecureRegistries.Where(entry => !entry.Contains('/')))
            indexes[host] = new RegistryIndex { Name = host, Mirrors = [] };
        return new RegistryServiceConfig
        {
            // This machine's own registries always may.
            InsecureRegistryCIDRs = ["::1/128", "127.0.0.0/8", .. daemon.InsecureRegistries.Where(entry => entry.Contains('/'))],
            IndexConfigs = indexes,
            Mirrors = daemon.RegistryMirrors,
        };
    }
}
