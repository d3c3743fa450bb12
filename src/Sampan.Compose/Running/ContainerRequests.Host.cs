using System.Globalization;
using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.Compose.Schema;
using Sampan.DockerApi.Containers;

namespace Sampan.Compose.Running;

internal static partial class ContainerRequests
{
    private static HostConfig Host(Project project, Service service, string networkMode, List<Mapping> ports, RequestContext context)
    {
        var tree = service.Tree;
        var limits = tree.Map("deploy")?.Map("resources")?.Map("limits");
        var reservations = tree.Map("deploy")?.Map("resources")?.Map("reservations");
        var blkio = tree.Map("blkio_config");
        var (binds, mounts) = Mounts(project, service, context);
        return new HostConfig
        {
            NetworkMode = networkMode,
            Binds = binds,
            Mounts = mounts.Count > 0 ? mounts : null,
            Tmpfs = Tmpfs(tree),
            VolumesFrom = VolumesFrom(tree, context),
            PortBindings = Bindings(ports),
            RestartPolicy = Restart(service),
            LogConfig = tree.Map("logging") is { } logging ? new LogConfig { Type = logging.Text("driver") ?? "", Config = logging.Pairs("options") } : null,
            CapAdd = Some(tree.Texts("cap_add")),
            CapDrop = Some(tree.Texts("cap_drop")),
            Privileged = tree.Flag("privileged") ?? false,
            ReadonlyRootfs = tree.Flag("read_only") ?? false,
            SecurityOpt = Some(tree.Texts("security_opt")),
            Sysctls = Some(tree.Pairs("sysctls")),
            StorageOpt = Some(tree.Pairs("storage_opt")),
            Annotations = context.Former is { } former ? former.On(tree.Pairs("annotations")) : Some(tree.Pairs("annotations")),
            Dns = Some(tree.Texts("dns")),
            DnsOptions = Some(tree.Texts("dns_opt")),
            DnsSearch = Some(tree.Texts("dns_search")),
            ExtraHosts = Some([.. tree.Texts("extra_hosts").Select(HostLine)]),
            GroupAdd = Some(tree.Texts("group_add")),
            Init = tree.Flag("init"),
            IpcMode = Shared(tree.Text("ipc") ?? "", context),
            PidMode = Shared(tree.Text("pid") ?? "", context),
            UTSMode = tree.Text("uts") ?? "",
            UsernsMode = tree.Text("userns_mode") ?? "",
            CgroupnsMode = tree.Text("cgroup") ?? "",
            CgroupParent = tree.Text("cgroup_parent") ?? "",
            Runtime = tree.Text("runtime") ?? "",
            ShmSize = tree.Long("shm_size") ?? 0,
            OomKillDisable = tree.Flag("oom_kill_disable"),
            OomScoreAdj = (int)(tree.Long("oom_score_adj") ?? 0),
            NanoCpus = (long)((limits?.Decimal("cpus") ?? tree.Decimal("cpus") ?? 0) * 1_000_000_000),
            // Shares are what the kernel knows of a reservation: under pressure nobody gets less than its part.
            CpuShares = tree.Long("cpu_shares") ?? (long)((reservations?.Decimal("cpus") ?? 0) * 1024),
            CpuPeriod = tree.Long("cpu_period") ?? 0,
            CpuQuota = tree.Long("cpu_quota") ?? 0,
            CpuRealtimePeriod = tree.Long("cpu_rt_period") ?? 0,
            CpuRealtimeRuntime = tree.Long("cpu_rt_runtime") ?? 0,
            CpusetCpus = tree.Text("cpuset") ?? "",
            Memory = limits?.Long("memory") ?? tree.Long("mem_limit") ?? 0,
            MemoryReservation = reservations?.Long("memory") ?? tree.Long("mem_reservation") ?? 0,
            MemorySwap = tree.Long("memswap_limit") ?? 0,
            MemorySwappiness = tree.Long("mem_swappiness"),
            PidsLimit = limits?.Long("pids") ?? tree.Long("pids_limit"),
            Devices = Some([.. tree.Maps("devices").Where(d => !IsNamed(d)).Select(d => new DeviceMapping { PathOnHost = d.Text("source") ?? "", PathInContainer = d.Text("target") ?? d.Text("source") ?? "", CgroupPermissions = d.Text("permissions") ?? "rwm" })]),
            DeviceCgroupRules = Some(tree.Texts("device_cgroup_rules")),
            DeviceRequests = Some([.. (reservations?.Maps("devices") ?? []).Concat(tree.Maps("gpus").Select(Gpu)).Select(Device), .. NamedDevices(tree)]),
            Ulimits = Some([.. (tree.Map("ulimits")?.Members ?? []).Select(Limit)]),
            BlkioWeight = (int)(blkio?.Long("weight") ?? 0),
            BlkioWeightDevice = Some([.. (blkio?.Maps("weight_device") ?? []).Select(d => new WeightDevice { Path = d.Text("path") ?? "", Weight = (int)(d.Long("weight") ?? 0) })]),
            BlkioDeviceReadBps = Throttles(blkio, "device_read_bps"),
            BlkioDeviceReadIOps = Throttles(blkio, "device_read_iops"),
            BlkioDeviceWriteBps = Throttles(blkio, "device_write_bps"),
            BlkioDeviceWriteIOps = Throttles(blkio, "device_write_iops"),
        };
    }

    private static RestartPolicy? Restart(Service service)
    {
        if (service.Tree.Map("deploy")?.Map("restart_policy") is { } policy)
        {
            return policy.Text("condition") switch
            {
                "none" => new RestartPolicy { Name = "no" },
                "on-failure" => new RestartPolicy { Name = "on-failure", MaximumRetryCount = (int)(policy.Long("max_attempts") ?? 0) },
                _ => new RestartPolicy { Name = "unless-stopped" },
            };
        }
        if (service.Tree.Text("restart") is not { } restart) return null;
        int colon = restart.IndexOf(':');
        return colon < 0 ? new RestartPolicy { Name = restart } : new RestartPolicy { Name = restart[..colon], MaximumRetryCount = int.Parse(restart.AsSpan(colon + 1), CultureInfo.InvariantCulture) };
    }

    private static Dictionary<string, IReadOnlyList<PortBinding>?> Bindings(List<Mapping> ports)
    {
        var bindings = new Dictionary<string, List<PortBinding>>(StringComparer.Ordinal);
        foreach (var port in ports)
        {
            string key = $"{port.Text("target")}/{port.Text("protocol")}";
            if (!bindings.TryGetValue(key, out var list)) bindings[key] = list = [];
            list.Add(new PortBinding { HostIp = port.Text("host_ip") ?? "", HostPort = port.Text("published") ?? "" });
        }
        return bindings.ToDictionary(p => p.Key, p => (IReadOnlyList<PortBinding>?)p.Value, StringComparer.Ordinal);
    }

    private static (List<string> Binds, List<MountRequest> Mounts) Mounts(Project project, Service service, RequestContext context)
    {
        var binds = new List<string>();
        var mounts = new List<MountRequest>();
        foreach (var mount in service.Tree.Maps("volumes"))
        {
            string target = mount.Text("target") ?? "";
            var bind = mount.Map("bind");
            var volume = mount.Map("volume");
            string? source = mount.Text("source");
            bool readOnly = mount.Flag("read_only") ?? false;
            switch (mount.Text("type"))
            {
                // The short way makes a directory that is not there; only it knows labels of SELinux.
                case "bind" when bind?.Flag("create_host_path") != false && bind?.Text("recursive") is null or "enabled":
                    binds.Add(Bind(source ?? "", target, [readOnly ? "ro" : null, bind?.Text("selinux"), bind?.Text("propagation")]));
                    break;
                case "volume" when source is not null && volume?.Text("subpath") is null && volume?.Map("labels") is null:
                    binds.Add(Bind(project.Volumes[source].Text("name") ?? source, target, [readOnly ? "ro" : null, volume?.Flag("nocopy") == true ? "nocopy" : null]));
                    break;
                case "volume" when source is null:
                    if (context.InheritedVolumes.TryGetValue(target, out string? inherited)) binds.Add(Bind(inherited, target, [readOnly ? "ro" : null]));
                    break;
                default: mounts.Add(Mount(project, mount)); break;
            }
        }
        // What the image declares as volumes, and the one before had filled.
        var declared = service.Tree.Maps("volumes").Select(m => m.Text("target") ?? "").ToHashSet(StringComparer.Ordinal);
        binds.AddRange(context.InheritedVolumes.Where(v => !declared.Contains(v.Key)).Select(v => Bind(v.Value, v.Key, [])));
        mounts.AddRange(InjectedFiles.Bound(project, service).Select(f => new MountRequest { Type = "bind", Source = f.Source, Target = f.Target, ReadOnly = true }));
        return (binds, mounts);
    }

    private static string Bind(string source, string target, string?[] options)
    {
        string joined = string.Join(',', options.Where(o => o is not null));
        return $"{source}:{target}{(joined.Length > 0 ? ":" + joined : ":rw")}";
    }

    private static MountRequest Mount(Project project, Mapping mount)
    {
        string type = mount.Text("type") ?? "";
        string? source = mount.Text("source");
        if (type == "volume" && source is not null) source = project.Volumes[source].Text("name") ?? source;
        var bind = mount.Map("bind");
        var volume = mount.Map("volume");
        var tmpfs = mount.Map("tmpfs");
        return new MountRequest
        {
            Type = type,
            Source = source,
            Target = mount.Text("target") ?? "",
            ReadOnly = mount.Flag("read_only") ?? false,
            Consistency = mount.Text("consistency"),
            BindOptions = bind is null ? null : new BindOptions
            {
                Propagation = bind.Text("propagation"),
                NonRecursive = bind.Text("recursive") == "disabled",
                ReadOnlyNonRecursive = bind.Text("recursive") == "writable",
                ReadOnlyForceRecursive = bind.Text("recursive") == "readonly",
                CreateMountpoint = bind.Flag("create_host_path") == true,
            },
            VolumeOptions = volume is null || type != "volume" ? null : new VolumeOptions { NoCopy = volume.Flag("nocopy") ?? false, Subpath = volume.Text("subpath"), Labels = volume["labels"] is null ? null : volume.Pairs("labels") },
            TmpfsOptions = tmpfs is null ? null : new TmpfsOptions { SizeBytes = tmpfs.Long("size"), Mode = tmpfs.Text("mode") is { } mode ? Convert.ToInt32(mode, 8) : null },
            ImageOptions = mount.Map("image") is { } image ? new ImageMountOptions { Subpath = image.Text("subpath") } : null,
        };
    }

    private static Dictionary<string, string>? Tmpfs(Mapping tree)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string entry in tree.Texts("tmpfs"))
        {
            int colon = entry.IndexOf(':');
            result[colon < 0 ? entry : entry[..colon]] = colon < 0 ? "" : entry[(colon + 1)..];
        }
        return result.Count > 0 ? result : null;
    }

    private static List<string>? VolumesFrom(Mapping tree, RequestContext context)
    {
        var result = new List<string>();
        foreach (string from in tree.Texts("volumes_from"))
        {
            if (from.StartsWith("container:", StringComparison.Ordinal))
            {
                result.Add(from[10..]);
                continue;
            }
            string[] parts = from.Split(':');
            foreach (string id in context.ContainersOf(parts[0])) result.Add(parts.Length > 1 ? $"{id}:{parts[1]}" : id);
        }
        return result.Count > 0 ? result : null;
    }

    /// <summary><c>host=address</c> as the engine writes it, with a colon.</summary>
    internal static string HostLine(string line)
    {
        int at = line.IndexOf('=');
        if (at < 0) at = line.IndexOf(':');
        return $"{line[..at]}:{line[(at + 1)..].Trim('[', ']')}";
    }

    internal static Ulimit Limit(Member member) => member.Value is Mapping both
        ? new Ulimit { Name = member.Key, Soft = both.Long("soft") ?? 0, Hard = both.Long("hard") ?? 0 }
        : new Ulimit { Name = member.Key, Soft = long.Parse(((Scalar)member.Value).Text, CultureInfo.InvariantCulture), Hard = long.Parse(((Scalar)member.Value).Text, CultureInfo.InvariantCulture) };

    private static Mapping Gpu(Mapping device) => device["capabilities"] is null ? device.With("capabilities", new Sequence(device.At, [Scalar.Of("gpu")])) : device;

    // "vendor.com/class=name" among the devices is a name of the Container Device Interface, not a path.
    private static bool IsNamed(Mapping device) => device.Text("source") is { Length: > 0 } source && source[0] != '/' && source.Contains('=', StringComparison.Ordinal);

    private static IEnumerable<DeviceRequest> NamedDevices(Mapping tree)
    {
        var names = tree.Maps("devices").Where(IsNamed).Select(d => d.Text("source") ?? "").ToList();
        return names.Count == 0 ? [] : [new DeviceRequest { Driver = "cdi", DeviceIDs = names }];
    }

    private static DeviceRequest Device(Mapping device) => new()
    {
        Driver = device.Text("driver") ?? "",
        Count = (int)(device.Long("count") ?? (device["device_ids"] is null ? -1 : 0)),
        DeviceIDs = Some(device.Texts("device_ids")),
        Capabilities = [device.Texts("capabilities")],
        Options = device.Pairs("options"),
    };

    private static IReadOnlyList<ThrottleDevice>? Throttles(Mapping? blkio, string key) =>
        Some([.. (blkio?.Maps(key) ?? []).Select(d => new ThrottleDevice { Path = d.Text("path") ?? "", Rate = d.Long("rate") ?? 0 })]);

    private static IReadOnlyList<T>? Some<T>(IReadOnlyList<T> list) => list.Count > 0 ? list : null;

    private static IReadOnlyDictionary<string, string>? Some(IReadOnlyDictionary<string, string> map) => map.Count > 0 ? map : null;
}
