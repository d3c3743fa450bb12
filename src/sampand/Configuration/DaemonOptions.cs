using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Sampan.Build;
using Sampan.Engine;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Logs.Drivers;
using Sampan.Engine.Users;
using Sampan.Runtime;
using Sampan.Server;
using Sampan.Storage.Distribution;
using Sampand.Gateway;
using Sampand.Registry;

namespace Sampand.Configuration;

/// <summary>The daemon's settings, checked.</summary>
internal sealed record DaemonOptions
{
    /// <summary>Read if it exists and no other is named.</summary>
    internal const string DefaultConfigFile = "/etc/sampan/daemon.json";

    private const int LinkNameMaxBytes = 15;
    private const int DefaultNetworkPoolSize = 4;

    /// <summary>Where to listen.</summary>
    internal required IReadOnlyList<HostUrl> Hosts { get; init; }

    /// <summary>Where images, containers and volumes live.</summary>
    internal required string DataRoot { get; init; }

    /// <summary>Where sockets and the state of running containers live.</summary>
    internal required string ExecRoot { get; init; }

    /// <summary>The default network's bridge.</summary>
    internal required string Bridge { get; init; }

    /// <summary>The bridge's address with its prefix.</summary>
    internal required string BridgeAddress { get; init; }

    /// <summary>The command line of the gateway that is kept running, behind <c>sampand gateway</c>; null: none is.</summary>
    internal IReadOnlyList<string>? Gateway { get; init; }

    /// <summary>The <c>sampan-runtime</c> executable.</summary>
    internal required string RuntimePath { get; init; }

    /// <summary>Where subnets of new networks are cut from; empty: the built-in list.</summary>
    internal IReadOnlyList<(string Base, int Size)> AddressPools { get; init; } = [];

    /// <summary>IPv6 addresses on the default bridge.</summary>
    internal bool IPv6 { get; init; }

    /// <summary>The default bridge's IPv6 network; null: one of this machine's own.</summary>
    internal string? BridgeSubnet6 { get; init; }

    /// <summary>Containers of the default bridge reach each other.</summary>
    internal bool InterContainer { get; init; } = true;

    /// <summary>Programs of containers gain no privileges by execve, unless a container says otherwise.</summary>
    internal bool NoNewPrivileges { get; init; }

    /// <summary>Published ports obey the host's own input rules.</summary>
    internal bool HostPolicy { get; init; }

    /// <summary>Containers of one network talk past its bridge.</summary>
    internal bool NetworkShortcut { get; init; } = true;

    /// <summary>How many network namespaces are made ahead.</summary>
    internal int NetworkPoolSize { get; init; } = DefaultNetworkPoolSize;

    /// <summary>The default network's MTU; null: the kernel's.</summary>
    internal int? Mtu { get; init; }

    /// <summary>Where published ports listen by default.</summary>
    internal required string BindAddress { get; init; }

    /// <summary>DNS servers for containers that ask for none.</summary>
    internal required IReadOnlyList<string> Dns { get; init; }

    /// <summary>The logging driver of containers that ask for none.</summary>
    internal required string LogDriver { get; init; }

    /// <summary>Log options for containers that give none.</summary>
    internal required IReadOnlyDictionary<string, string> LogOptions { get; init; }

    /// <summary>Limits for containers that give none.</summary>
    internal required IReadOnlyList<UlimitSpec> Ulimits { get; init; }

    /// <summary>The daemon's labels.</summary>
    internal required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Microseconds of each period that containers may give to real-time tasks; null: none.</summary>
    internal int? CpuRealtimeRuntime { get; init; }

    /// <summary>That period in microseconds; null: the kernel's.</summary>
    internal int? CpuRealtimePeriod { get; init; }

    /// <summary>Who may use the Unix sockets; null: the group docker or sampan, if there is one.</summary>
    internal string? Group { get; init; }

    /// <summary>How TCP addresses are served; null: without TLS.</summary>
    internal ApiTls? Tls { get; init; }

    /// <summary>TCP addresses at which nobody has to say who he is.</summary>
    internal IEnumerable<string> OpenAddresses => Tls?.AuthorityFile is not null ? [] : Hosts.Where(host => host.Address is System.Net.IPEndPoint)
        .Select(host => Tls is null ? $"http://{host.Address} without encryption" : $"https://{host.Address} without TLS client verification");

    /// <summary>The plugins that requests are shown to.</summary>
    internal IReadOnlyList<string> AuthorizationPlugins { get; init; } = [];

    /// <summary>How registries are found and talked to.</summary>
    internal RegistryOptions Registries { get; init; } = new();

    /// <summary>The registry that runs within the daemon; null: none.</summary>
    internal RegistryConfiguration? Registry { get; init; }

    /// <summary>Where to write the process id; null: nowhere.</summary>
    internal string? PidFile { get; init; }

    /// <summary>The parent of containers' control groups; null: the engine's own.</summary>
    internal string? CgroupParent { get; init; }

    /// <summary>systemd makes the control groups.</summary>
    internal bool SystemdCgroups { get; init; }

    /// <summary>Runtimes beside the engine's own.</summary>
    internal required IReadOnlyDictionary<string, OtherRuntimeChoice> Runtimes { get; init; }

    /// <summary>The runtime of containers that name none.</summary>
    internal required string DefaultRuntime { get; init; }

    /// <summary>Whose ids containers have; null: the host's.</summary>
    internal UserRemap? Remap { get; init; }

    /// <summary>Where CDI files lie.</summary>
    internal required IReadOnlyList<string> CdiDirectories { get; init; }

    /// <summary>Containers that become unhealthy are started again unless they say otherwise.</summary>
    internal bool RestartOnUnhealthy { get; init; }

    /// <summary>How the build cache is cut back after builds; empty: never; null: as usual.</summary>
    internal IReadOnlyList<CachePolicy>? CachePolicies { get; init; }

    /// <summary>Clients may offer what Docker calls experimental.</summary>
    internal bool Experimental { get; init; }

    /// <summary>How long open requests may take when the daemon stops.</summary>
    internal TimeSpan ShutdownTimeout { get; init; }

    /// <summary>What is logged.</summary>
    internal LogLevel LogLevel { get; init; }

    /// <summary>Checks the settings; every problem is told at once.</summary>
    /// <exception cref="ConfigurationException">Any is wrong.</exception>
    internal static DaemonOptions From(Settings settings)
    {
        var problems = new List<string>();
        var execRoot = Directory(settings, "exec-root", "/run/sampan", problems);
        var hosts = settings.All("hosts").Count == 0 ? [$"unix://{DefaultSocket(settings, execRoot)}"] : settings.All("hosts");
        var options = new DaemonOptions
        {
            Hosts = [.. hosts.Select(h => HostUrl.TryParse(h, out var host, out var why) ? host : Fail<HostUrl>(problems, $"invalid value of 'hosts': '{h}': {why}")).OfType<HostUrl>()],
            DataRoot = Directory(settings, "data-root", "/var/lib/sampan", problems),
            ExecRoot = execRoot,
            Bridge = Bridged(settings.One("bridge") ?? "sampan0", problems),
            BridgeAddress = Cidr(settings.One("bip") ?? "172.17.0.1/16", problems),
            RuntimePath = Path.GetFullPath(settings.One("runtime-path") ?? Path.Combine(AppContext.BaseDirectory, "sampan-runtime")),
            AddressPools = [.. settings.All("default-address-pools").Select(p => AddressPool.Parse(p, problems)).OfType<(string, int)>()],
            IPv6 = Switch(settings, "ipv6", problems) == true || settings.One("fixed-cidr-v6") is not null,
            BridgeSubnet6 = settings.One("fixed-cidr-v6") is { } subnet6 ? Cidr6(subnet6, problems) : null,
            InterContainer = Switch(settings, "icc", problems) != false,
            NoNewPrivileges = Switch(settings, "no-new-privileges", problems) == true,
            HostPolicy = Switch(settings, "host-policy", problems) == true,
            NetworkShortcut = Switch(settings, "network-shortcut", problems) != false,
            NetworkPoolSize = Number(settings, "network-pool-size", 0, 256, problems) ?? DefaultNetworkPoolSize,
            Mtu = Number(settings, "mtu", 68, 65535, problems),
            BindAddress = Address("ip", settings.One("ip") ?? "0.0.0.0", problems),
            Dns = [.. settings.All("dns").Select(d => Address("dns", d, problems))],
            LogDriver = settings.One("log-driver") is { Length: > 0 } driver ? driver : "json-file",
            LogOptions = Pairs(settings, "log-opts", problems),
            Ulimits = [.. settings.All("default-ulimits").Select(u => Ulimit(u, problems)).OfType<UlimitSpec>()],
            Tls = TlsSettings.Read(settings, problems),
            AuthorizationPlugins = AuthorizationSettings.Read(settings, problems),
            Registries = RegistrySettings.Read(settings, problems),
            Registry = settings.One("registry-config") is { Length: > 0 } registry ? RegistryConfigurationFile.Read(registry) : null,
            Gateway = GatewayCommandLine.Kept(settings.All("gateway-opts"), hosts, problems),
            Labels = settings.All("labels"),
            Group = settings.One("group") is { Length: > 0 } group ? group : null,
            PidFile = settings.One("pidfile") is { Length: > 0 } pidFile ? Path.GetFullPath(pidFile) : null,
            CgroupParent = settings.One("cgroup-parent") is { Length: > 0 } parent ? parent : null,
            CpuRealtimeRuntime = Number(settings, "cpu-rt-runtime", 1, 1_000_000_000, problems),
            CpuRealtimePeriod = Number(settings, "cpu-rt-period", 1, 1_000_000_000, problems),
            SystemdCgroups = SystemdCgroupsIn(settings.All("exec-opts"), problems),
            Runtimes = RuntimeSettings.Read(settings, problems),
            DefaultRuntime = settings.One("default-runtime") is { Length: > 0 } usual ? usual : EngineOptions.OwnRuntime,
            CdiDirectories = settings.All("cdi-spec-dirs") is { Count: > 0 } directories ? [.. directories.Select(Path.GetFullPath)] : ["/etc/cdi", "/var/run/cdi"],
            Remap = settings.One("userns-remap") is { Length: > 0 } remap ? RemapSettings.Read(remap, problems) : null,
            RestartOnUnhealthy = Switch(settings, "restart-on-unhealthy", problems) == true,
            CachePolicies = BuilderSettings.Read(settings, problems),
            Experimental = Switch(settings, "experimental", problems) == true,
            ShutdownTimeout = TimeSpan.FromSeconds(Number(settings, "shutdown-timeout", 0, 3600, problems) ?? 5),
            LogLevel = Switch(settings, "debug", problems) == true ? LogLevel.Debug : Level(settings.One("log-level") ?? "info", problems),
        };
        problems.AddRange(LogDrivers.Problems(new LogWish { Driver = options.LogDriver, Options = options.LogOptions }));
        if (options.DefaultRuntime != EngineOptions.OwnRuntime && !options.Runtimes.ContainsKey(options.DefaultRuntime))
            problems.Add($"invalid value of 'default-runtime': '{options.DefaultRuntime}': there is no such runtime");
        if (Switch(settings, "live-restore", problems) == false)
            problems.Add("invalid value of 'live-restore': 'false' is not supported: containers always outlive the daemon");
        if (problems.Count > 0)
            throw new ConfigurationException(string.Join("; ", problems));
        return options;
    }

    private static bool SystemdCgroupsIn(IReadOnlyList<string> execOptions, List<string> problems)
    {
        const string Driver = "native.cgroupdriver=";
        var systemd = false;
        foreach (var option in execOptions)
        {
            if (!option.StartsWith(Driver, StringComparison.Ordinal))
                problems.Add($"invalid value of 'exec-opts': '{option}': the only one is native.cgroupdriver");
            else if (option[Driver.Length..] is not ("systemd" or "cgroupfs"))
                problems.Add($"invalid value of 'exec-opts': native.cgroupdriver option {option[Driver.Length..]} is not supported: it is systemd or cgroupfs");
            else
                systemd = option[Driver.Length..] == "systemd";
        }

        return systemd;
    }

    private static string DefaultSocket(Settings settings, string execRoot) =>
        settings.One("exec-root") is null ? "/run/sampan/sampan.sock" : Path.Combine(execRoot, "sampan.sock");

    private static string Directory(Settings settings, string key, string usual, List<string> problems)
    {
        var path = settings.One(key) ?? usual;
        if (path.Length == 0 || path == "/")
            problems.Add($"invalid value of '{key}': '{path}': expected a directory of its own");
        return path.Length == 0 ? usual : Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
    }

    private static string Bridged(string name, List<string> problems)
    {
        if (name.Length is 0 or > LinkNameMaxBytes || name is "." or ".." || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
            problems.Add($"invalid value of 'bridge': '{name}': expected 1 to {LinkNameMaxBytes} letters, digits, '-', '_' or '.'");
        return name;
    }

    private static string Cidr(string text, List<string> problems)
    {
        var slash = text.IndexOf('/');
        if (slash < 0 || !IPAddress.TryParse(text[..slash], out var address) || address.AddressFamily != AddressFamily.InterNetwork || text[..slash].Count(c => c == '.') != 3
            || !int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var prefix) || prefix is < 1 or > 30)
            problems.Add($"invalid value of 'bip': '{text}': expected an IPv4 address with a prefix of 1 to 30, such as '172.17.0.1/16'");
        return text;
    }

    private static string Cidr6(string text, List<string> problems)
    {
        if (!IPNetwork.TryParse(text, out var network) || network.BaseAddress.AddressFamily != AddressFamily.InterNetworkV6 || network.PrefixLength is < 1 or > 126)
            problems.Add($"invalid value of 'fixed-cidr-v6': '{text}': expected an IPv6 network with a prefix of 1 to 126, such as 'fd00:1::/64'");
        return text;
    }

    private static string Address(string key, string text, List<string> problems)
    {
        if (!IPAddress.TryParse(text, out _))
            problems.Add($"invalid value of '{key}': '{text}': expected an IP address");
        return text;
    }

    internal static int? Number(Settings settings, string key, int least, int most, List<string> problems)
    {
        if (settings.One(key) is not { } text)
            return null;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        problems.Add($"invalid value of '{key}': '{text}': expected {least} to {most}");
        return null;
    }

    internal static bool? Switch(Settings settings, string key, List<string> problems)
    {
        switch (settings.One(key)?.ToLowerInvariant())
        {
            case null:
                return null;
            case "true" or "1":
                return true;
            case "false" or "0":
                return false;
            case var other:
                problems.Add($"invalid value of '{key}': '{other}': expected true or false");
                return null;
        }
    }

    private static LogLevel Level(string text, List<string> problems)
    {
        switch (text.ToLowerInvariant())
        {
            case "trace" or "debug":
                return LogLevel.Debug;
            case "info":
                return LogLevel.Information;
            case "warn" or "warning":
                return LogLevel.Warning;
            case "error":
                return LogLevel.Error;
            case "fatal":
                return LogLevel.Critical;
            default:
                problems.Add($"invalid value of 'log-level': '{text}': expected debug, info, warn, error or fatal");
                return LogLevel.Information;
        }
    }

    private static Dictionary<string, string> Pairs(Settings settings, string key, List<string> problems)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in settings.All(key))
        {
            var equals = text.IndexOf('=');
            if (equals <= 0)
                problems.Add($"invalid value of '{key}': '{text}': expected name=value");
            else
                pairs[text[..equals]] = text[(equals + 1)..];
        }

        return pairs;
    }

    private static UlimitSpec? Ulimit(string text, List<string> problems)
    {
        var equals = text.IndexOf('=');
        var sides = equals <= 0 ? [] : text[(equals + 1)..].Split(':');
        if (sides.Length is 1 or 2
            && long.TryParse(sides[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var soft) && soft >= -1
            && long.TryParse(sides[^1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var hard) && hard >= -1)
            return new UlimitSpec(text[..equals], soft, hard);
        return Fail<UlimitSpec>(problems, $"invalid value of 'default-ulimits': '{text}': expected name=soft[:hard]");
    }

    private static T? Fail<T>(List<string> problems, string problem)
        where T : class
    {
        problems.Add(problem);
        return null;
    }
}
