using System.Globalization;
using System.Text.Json;
using Sampan.Cli.Arguments;
using Sampan.DockerApi.Containers;
using O = Sampan.Cli.Requests.CreateOptions;

namespace Sampan.Cli.Requests;

/// <summary>The host's half of a create request.</summary>
internal static class HostConfigBuilder
{
    public static HostConfig Build(ParsedArguments a, IReadOnlyList<string> binds, IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?> ports, string networkMode)
    {
        var restart = CreateRequestBuilder.ParseRestart(a.Get(O.Restart));
        if (a.Get(O.Rm) && restart.Name is not ("no" or "")) throw new FormatException("conflicting options: cannot specify both --restart and --rm");
        long? swappiness = a.Get(O.MemorySwappiness);
        if (swappiness is < -1 or > 100) throw new FormatException($"invalid value: {swappiness}. Valid memory swappiness range is 0-100");
        return new HostConfig
        {
            Binds = binds,
            ContainerIDFile = a.Get(O.Cidfile),
            LogConfig = new LogConfig { Type = a.Get(O.LogDriver), Config = Pairs(a.Get(O.LogOpt), "logging opt") },
            NetworkMode = networkMode,
            PortBindings = ports,
            RestartPolicy = restart,
            AutoRemove = a.Get(O.Rm),
            VolumeDriver = a.Get(O.VolumeDriver),
            VolumesFrom = OrNull(a.Get(O.VolumesFrom)),
            ConsoleSize = [0, 0],
            Annotations = a.Get(O.Annotation) is { Count: > 0 } annotations ? annotations : null,
            CapAdd = OrNull(a.Get(O.CapAdd)),
            CapDrop = OrNull(a.Get(O.CapDrop)),
            CgroupnsMode = a.Get(O.Cgroupns),
            Dns = a.Get(O.Dns),
            DnsOptions = [.. a.Get(O.DnsOption), .. a.Get(O.DnsOpt)],
            DnsSearch = a.Get(O.DnsSearch),
            ExtraHosts = OrNull([.. a.Get(O.AddHost).Select(ExtraHost)]),
            GroupAdd = OrNull(a.Get(O.GroupAdd)),
            IpcMode = a.Get(O.Ipc),
            Links = OrNull(a.Get(O.Link)),
            OomScoreAdj = (int)(a.Get(O.OomScoreAdj) ?? 0),
            PidMode = a.Get(O.Pid),
            Privileged = a.Get(O.Privileged),
            PublishAllPorts = a.Get(O.PublishAll),
            ReadonlyRootfs = a.Get(O.ReadOnly),
            SecurityOpt = OrNull([.. a.Get(O.SecurityOpt).Where(s => s != "systempaths=unconfined").Select(SecurityOption)]),
            StorageOpt = a.Get(O.StorageOpt).Count > 0 ? Pairs(a.Get(O.StorageOpt), "storage option") : null,
            Tmpfs = a.Get(O.Tmpfs).Count > 0 ? a.Get(O.Tmpfs).Select(t => t.Split(':', 2)).GroupBy(p => p[0], StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last().ElementAtOrDefault(1) ?? "", StringComparer.Ordinal) : null,
            UTSMode = a.Get(O.Uts),
            UsernsMode = a.Get(O.Userns),
            ShmSize = a.Get(O.ShmSize) ?? 0,
            Sysctls = a.Get(O.Sysctl) is { Count: > 0 } sysctls ? sysctls : null,
            Runtime = a.Get(O.Runtime),
            Isolation = a.Get(O.Isolation),
            Mounts = a.Get(O.Mount).Count > 0 ? [.. a.Get(O.Mount).Select(MountSpecs.Parse)] : null,
            // Nothing masked, nothing read-only: empty lists, since null means the engine's defaults.
            MaskedPaths = a.Get(O.SecurityOpt).Contains("systempaths=unconfined", StringComparer.Ordinal) ? [] : null,
            ReadonlyPaths = a.Get(O.SecurityOpt).Contains("systempaths=unconfined", StringComparer.Ordinal) ? [] : null,
            Init = a.IsSet(O.Init) ? a.Get(O.Init) : null,
            CpuShares = a.Get(O.CpuShares) ?? 0,
            Memory = a.Get(O.Memory) ?? 0,
            NanoCpus = a.Get(O.Cpus) ?? 0,
            CgroupParent = a.Get(O.CgroupParent),
            BlkioWeight = (int)(a.Get(O.BlkioWeight) ?? 0),
            BlkioWeightDevice = [.. a.Get(O.BlkioWeightDevice).Select(Weight)],
            BlkioDeviceReadBps = [.. a.Get(O.DeviceReadBps).Select(d => Throttle(d, bytes: true))],
            BlkioDeviceWriteBps = [.. a.Get(O.DeviceWriteBps).Select(d => Throttle(d, bytes: true))],
            BlkioDeviceReadIOps = [.. a.Get(O.DeviceReadIops).Select(d => Throttle(d, bytes: false))],
            BlkioDeviceWriteIOps = [.. a.Get(O.DeviceWriteIops).Select(d => Throttle(d, bytes: false))],
            CpuPeriod = a.Get(O.CpuPeriod) ?? 0,
            CpuQuota = a.Get(O.CpuQuota) ?? 0,
            CpuRealtimePeriod = a.Get(O.CpuRtPeriod) ?? 0,
            CpuRealtimeRuntime = a.Get(O.CpuRtRuntime) ?? 0,
            CpusetCpus = a.Get(O.CpusetCpus),
            CpusetMems = a.Get(O.CpusetMems),
            Devices = [.. a.Get(O.Device).Where(d => !IsCdiName(d)).Select(Device)],
            DeviceCgroupRules = OrNull(a.Get(O.DeviceCgroupRule)),
            DeviceRequests = DeviceRequests(a),
            MemoryReservation = a.Get(O.MemoryReservation) ?? 0,
            MemorySwap = a.Get(O.MemorySwap) ?? 0,
            MemorySwappiness = swappiness ?? -1,
            OomKillDisable = a.Get(O.OomKillDisable),
            PidsLimit = a.Get(O.PidsLimit) ?? 0,
            Ulimits = [.. a.Get(O.Ulimit).Select(Ulimit)],
        };
    }

    private static IReadOnlyList<string>? OrNull(IReadOnlyList<string> list) => list.Count > 0 ? list : null;

    private static Dictionary<string, string> Pairs(IEnumerable<string> options, string what)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string option in options)
        {
            int equals = option.IndexOf('=');
            if (equals < 1) throw new FormatException($"invalid {what}: '{option}': expected name=value");
            pairs[option[..equals]] = option[(equals + 1)..];
        }
        return pairs;
    }

    internal static string ExtraHost(string text)
    {
        int at = text.IndexOf('=');
        if (at < 0) at = text.IndexOf(':');
        if (at < 1 || at == text.Length - 1) throw new FormatException($"bad format for add-host: \"{text}\"");
        string address = text[(at + 1)..].Trim('[', ']');
        if (address != "host-gateway" && !Values.IsAddress(address)) throw new FormatException($"invalid IP address in add-host: \"{address}\"");
        return $"{text[..at]}:{address}";
    }

    private static string SecurityOption(string text)
    {
        int at = text.IndexOf('=');
        if (at < 0) at = text.IndexOf(':');
        if (at < 0) return text is "no-new-privileges" ? text : throw new FormatException($"invalid --security-opt: \"{text}\"");
        if (text[..at] != "seccomp" || text[(at + 1)..] is "unconfined" or "builtin") return text;
        // The profile itself travels: the engine may be on another machine.
        try
        {
            using var profile = JsonDocument.Parse(File.ReadAllBytes(text[(at + 1)..]));
            return "seccomp=" + Templates.TemplateJson.Write(profile.RootElement);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"opening seccomp profile ({text[(at + 1)..]}) failed: {(e is FileNotFoundException or DirectoryNotFoundException ? "no such file or directory" : e.Message)}", e);
        }
        catch (JsonException e)
        {
            throw new FormatException($"compacting json for seccomp profile ({text[(at + 1)..]}) failed: {e.Message}", e);
        }
    }

    private static (string Path, long Value) DeviceLimit(string text, string wrong, Func<string, long> read)
    {
        int colon = text.LastIndexOf(':');
        if (colon < 1) throw new FormatException($"bad format: {text}");
        if (!text.StartsWith("/dev/", StringComparison.Ordinal)) throw new FormatException($"bad format for device path: {text}");
        try
        {
            return (text[..colon], read(text[(colon + 1)..]));
        }
        catch (FormatException e)
        {
            throw new FormatException($"{wrong}: {text}", e);
        }
    }

    internal static WeightDevice Weight(string text)
    {
        var (path, weight) = DeviceLimit(text, "invalid weight for device", static t => Values.Integer(t));
        return new WeightDevice { Path = path, Weight = (int)weight };
    }

    internal static ThrottleDevice Throttle(string text, bool bytes)
    {
        var (path, rate) = DeviceLimit(text, "invalid rate for device", bytes ? Values.Bytes : static t => Values.Integer(t));
        return new ThrottleDevice { Path = path, Rate = rate };
    }

    private static IReadOnlyList<DeviceRequest>? DeviceRequests(ParsedArguments a)
    {
        var named = a.Get(O.Device).Where(IsCdiName).ToList();
        var requests = a.Get(O.Gpus).Select(GpuRequest).ToList();
        if (named.Count > 0) requests.Add(new DeviceRequest { Driver = "cdi", DeviceIDs = named });
        return requests.Count > 0 ? requests : null;
    }

    /// <summary>vendor.com/class=name, told from a path by its beginning.</summary>
    private static bool IsCdiName(string text) => text is not ['/', ..] && text.Split('=') is [{ Length: > 0 } kind, { Length: > 0 }] && kind.Split('/') is [{ Length: > 0 }, { Length: > 0 }];

    internal static void CheckDevice(string text)
    {
        if (!IsCdiName(text)) Device(text);
    }

    /// <summary>/dev/a[:/dev/b][:rwm]</summary>
    private static DeviceMapping Device(string text)
    {
        string[] parts = text.Split(':');
        if (parts.Length > 3 || parts[0].Length == 0) throw new FormatException($"invalid device specification: {text}");
        if (parts[0][0] != '/') throw new FormatException($"{parts[0]} is not an absolute path");
        string inside = parts[0], access = "rwm";
        if (parts.Length == 2 && parts[1].Length > 0 && parts[1].All(c => c is 'r' or 'w' or 'm')) access = parts[1];
        else if (parts.Length >= 2) inside = parts[1];
        if (parts.Length == 3) access = parts[2].All(c => c is 'r' or 'w' or 'm') && parts[2].Length > 0 ? parts[2] : throw new FormatException($"bad mode specified: {parts[2]}");
        return new DeviceMapping { PathOnHost = parts[0], PathInContainer = inside, CgroupPermissions = access };
    }

    /// <summary>nofile=1024[:2048]</summary>
    internal static Ulimit Ulimit(string text)
    {
        int equals = text.IndexOf('=');
        if (equals < 1) throw new FormatException($"invalid ulimit argument: {text}");
        string[] limits = text[(equals + 1)..].Split(':');
        if (limits.Length > 2) throw new FormatException($"too many limit value arguments - {text[(equals + 1)..]}, can only have up to two, `soft[:hard]`");
        if (!long.TryParse(limits[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long soft) || !long.TryParse(limits[^1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long hard))
            throw new FormatException($"invalid ulimit argument: {text}");
        if (hard != -1 && (soft == -1 || soft > hard)) throw new FormatException($"ulimit soft limit must be less than or equal to hard limit: {soft} > {hard}");
        return new Ulimit { Name = text[..equals], Soft = soft, Hard = hard };
    }

    /// <summary>Fields of one CSV line: count=…, device=…, driver=…, capabilities=…, options=…; a field without a name is the count: all,capabilities=utility.</summary>
    internal static DeviceRequest GpuRequest(string text)
    {
        var request = new DeviceRequest { Capabilities = [["gpu"]], Options = new Dictionary<string, string>(StringComparer.Ordinal) };
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string field in MountSpecs.Csv(text))
        {
            var (key, value) = field.Split('=', 2) is [var name, var given] ? (name, given) : ("count", field);
            if (!seen.Add(key)) throw new FormatException($"gpu request key '{key}' can be specified only once");
            request = key switch
            {
                "driver" => request with { Driver = value },
                "count" => request with { Count = GpuCount(value) },
                "device" => request with { DeviceIDs = value.Split(',') },
                "capabilities" => request with { Capabilities = [[.. value.Split(','), "gpu"]] },
                "options" => request with { Options = Pairs(MountSpecs.Csv(value), "gpu option") },
                _ => throw new FormatException($"unexpected key '{key}' in '{field}'"),
            };
        }
        return !seen.Contains("count") && request.DeviceIDs is null ? request with { Count = 1 } : request;
    }

    private static int GpuCount(string text) => text == "all" ? -1
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int count) ? count
        : throw new FormatException($"invalid count ({text}): value must be either \"all\" or an integer");
}
