using Sampan.Cli.Arguments;

namespace Sampan.Cli.Requests;

/// <summary>The options that describe a container: those of run and create. What becomes of each is in <see cref="CreateRequestBuilder"/>.</summary>
internal static class CreateOptions
{
    private const string WindowsOnly = "it exists on Windows only";

    public static readonly Option<IReadOnlyList<string>> AddHost = Option.List("add-host", null, "list", "Add a line to /etc/hosts (name:address or name=address)", static t => HostConfigBuilder.ExtraHost(t));
    public static readonly Option<IReadOnlyDictionary<string, string>> Annotation = Option.Map("annotation", null, "map", "Add an annotation for the runtime (name=value)");
    public static readonly Option<IReadOnlyList<string>> Attach = Option.List("attach", 'a', "list", "Attach to stdin, stdout or stderr", CheckStream);
    public static readonly Option<long?> BlkioWeight = Option.Number32("blkio-weight", null, "Relative weight of block I/O, 10 to 1000; 0: off", "uint16");
    public static readonly Option<IReadOnlyList<string>> BlkioWeightDevice = Option.List("blkio-weight-device", null, "list", "Relative weight of one device (path:weight)", static t => HostConfigBuilder.Weight(t));
    public static readonly Option<IReadOnlyList<string>> CapAdd = Option.List("cap-add", null, "list", "Add a capability, or ALL");
    public static readonly Option<IReadOnlyList<string>> CapDrop = Option.List("cap-drop", null, "list", "Take a capability away, or ALL");
    public static readonly Option<string> CgroupParent = Option.Text("cgroup-parent", null, "string", "Parent of the container's cgroup");
    public static readonly Option<string> Cgroupns = new("cgroupns", null, "string", "Cgroup namespace: private (its own) or host", "", static (_, t) => t) { Choices = ["private", "host"] };
    public static readonly Option<string> Cidfile = new("cidfile", null, "string", "Write the container's id to this file", "", static (_, t) => t) { Completes = Candidates.Files };
    public static readonly Option<long?> CpuPeriod = Option.Number("cpu-period", null, "Length of a CPU period in microseconds");
    public static readonly Option<long?> CpuQuota = Option.Number("cpu-quota", null, "CPU time per period in microseconds");
    public static readonly Option<long?> CpuRtPeriod = Option.Number("cpu-rt-period", null, "Length of a real-time period in microseconds");
    public static readonly Option<long?> CpuRtRuntime = Option.Number("cpu-rt-runtime", null, "Real-time CPU time per period in microseconds");
    public static readonly Option<long?> CpuShares = Option.Number("cpu-shares", 'c', "Relative CPU weight; 1024 is neutral");
    public static readonly Option<long?> Cpus = new("cpus", null, "decimal", "Number of CPUs it may use, such as 1.5", null, static (_, t) => Values.NanoCpus(t));
    public static readonly Option<string> CpusetCpus = Option.Text("cpuset-cpus", null, "string", "CPUs it may run on (0-3, 0,1)");
    public static readonly Option<string> CpusetMems = Option.Text("cpuset-mems", null, "string", "Memory nodes it may use (0-3, 0,1)");
    public static readonly Option<IReadOnlyList<string>> Device = Option.List("device", null, "list", "Give it a device of the host (path[:path][:rwm]), or by its CDI name", static t => HostConfigBuilder.CheckDevice(t));
    public static readonly Option<IReadOnlyList<string>> DeviceCgroupRule = Option.List("device-cgroup-rule", null, "list", "Allow devices by rule, such as 'c 13:* rwm'");
    public static readonly Option<IReadOnlyList<string>> DeviceReadBps = Option.List("device-read-bps", null, "list", "Limit reading from a device (path:bytes per second)", static t => HostConfigBuilder.Throttle(t, bytes: true));
    public static readonly Option<IReadOnlyList<string>> DeviceReadIops = Option.List("device-read-iops", null, "list", "Limit reading from a device (path:operations per second)", static t => HostConfigBuilder.Throttle(t, bytes: false));
    public static readonly Option<IReadOnlyList<string>> DeviceWriteBps = Option.List("device-write-bps", null, "list", "Limit writing to a device (path:bytes per second)", static t => HostConfigBuilder.Throttle(t, bytes: true));
    public static readonly Option<IReadOnlyList<string>> DeviceWriteIops = Option.List("device-write-iops", null, "list", "Limit writing to a device (path:operations per second)", static t => HostConfigBuilder.Throttle(t, bytes: false));
    public static readonly Option<bool> DisableContentTrust = new("disable-content-trust", null, "", "Skip image verification", true, static (_, t) => Values.Boolean(t) ? true : throw new FormatException("image signatures are not checked by sampan")) { Hidden = true };
    public static readonly Option<IReadOnlyList<string>> Dns = Option.List("dns", null, "list", "DNS server", CheckAddress);
    public static readonly Option<IReadOnlyList<string>> DnsOption = Option.List("dns-option", null, "list", "Option of resolv.conf");
    public static readonly Option<IReadOnlyList<string>> DnsOpt = new("dns-opt", null, "list", "Option of resolv.conf", [], static (before, t) => [.. before, t]) { Hidden = true };
    public static readonly Option<IReadOnlyList<string>> DnsSearch = Option.List("dns-search", null, "list", "DNS search domain", CheckDomain);
    public static readonly Option<string> Domainname = Option.Text("domainname", null, "string", "Domain name");
    public static readonly Option<string> Entrypoint = Option.Text("entrypoint", null, "string", "Program to run in place of the image's entry point; \"\": none");
    public static readonly Option<IReadOnlyList<string>> Env = Option.List("env", 'e', "list", "Set an environment variable (NAME=value, or NAME to pass yours on)", SettingFiles.CheckVariable);
    public static readonly Option<IReadOnlyList<string>> EnvFile = new("env-file", null, "list", "Read environment variables from a file", [], static (before, t) => [.. before, t]) { Completes = Candidates.Files };
    public static readonly Option<IReadOnlyList<string>> Expose = Option.List("expose", null, "list", "Say that it listens on a port or a range (80, 80/udp, 7000-7010)");
    public static readonly Option<IReadOnlyList<string>> Gpus = Option.List("gpus", null, "gpu-request", "Give it GPUs: 'all', a number, or device=…", static t => HostConfigBuilder.GpuRequest(t));
    public static readonly Option<IReadOnlyList<string>> GroupAdd = Option.List("group-add", null, "list", "Add a group to the process");
    public static readonly Option<string> HealthCmd = Option.Text("health-cmd", null, "string", "Command that checks its health");
    public static readonly Option<long?> HealthInterval = Option.Duration("health-interval", "Time between two checks (ms|s|m|h)");
    public static readonly Option<long?> HealthRetries = Option.Number32("health-retries", null, "Failures in a row that make it unhealthy");
    public static readonly Option<long?> HealthStartInterval = Option.Duration("health-start-interval", "Time between two checks during the start period");
    public static readonly Option<long?> HealthStartPeriod = Option.Duration("health-start-period", "Time in which failures don't count");
    public static readonly Option<long?> HealthTimeout = Option.Duration("health-timeout", "Longest time of one check");
    public static readonly Option<string> Hostname = Option.Text("hostname", 'h', "string", "Host name");
    public static readonly Option<bool> Init = Option.Flag("init", null, "Run an init process that forwards signals and reaps orphans");
    public static readonly Option<bool> Interactive = Option.Flag("interactive", 'i', "Keep stdin open even if not attached");
    public static readonly Option<string> Ip = Option.Text("ip", null, "string", "IPv4 address, such as 172.30.100.104");
    public static readonly Option<string> Ip6 = Option.Text("ip6", null, "string", "IPv6 address, such as 2001:db8::33");
    public static readonly Option<string> Ipc = Option.Text("ipc", null, "string", "IPC namespace: none, private, shareable, host, container:NAME");
    public static readonly Option<string> Isolation = Option.Text("isolation", null, "string", "Isolation technology (Linux has one: default)");
    public static readonly Option<string> KernelMemory = Option.Refused("kernel-memory", null, "bytes", "Kernel memory limit", "the kernel limits its own memory together with the container's: say --memory");
    public static readonly Option<IReadOnlyList<string>> Label = Option.List("label", 'l', "list", "Set a label (name=value)", SettingFiles.CheckLabel);
    public static readonly Option<IReadOnlyList<string>> LabelFile = new("label-file", null, "list", "Read labels from a file, one per line", [], static (before, t) => [.. before, t]) { Completes = Candidates.Files };
    public static readonly Option<IReadOnlyList<string>> Link = Option.List("link", null, "list", "Add a link to another container (name[:alias])");
    public static readonly Option<IReadOnlyList<string>> LinkLocalIp = Option.List("link-local-ip", null, "list", "Link-local address");
    public static readonly Option<string> LogDriver = new("log-driver", null, "string", "Logging driver", "", static (_, t) => t) { Choices = ["fluentd", "gelf", "journald", "json-file", "local", "none", "syslog"] };
    public static readonly Option<IReadOnlyList<string>> LogOpt = Option.List("log-opt", null, "list", "Option of the logging driver (name=value)");
    public static readonly Option<string> MacAddress = Option.Text("mac-address", null, "string", "MAC address, such as 92:d0:c6:0a:29:33");
    public static readonly Option<long?> Memory = Option.Bytes("memory", 'm', "Memory limit, such as 512m");
    public static readonly Option<long?> MemoryReservation = Option.Bytes("memory-reservation", null, "Memory the kernel tries to keep it below");
    public static readonly Option<long?> MemorySwap = Option.Bytes("memory-swap", null, "Limit of memory and swap together; -1: unlimited swap");
    public static readonly Option<long?> MemorySwappiness = Option.Number("memory-swappiness", null, "Inclination to swap, 0 to 100");
    public static readonly Option<IReadOnlyList<string>> Mount = Option.List("mount", null, "mount", "Mount something: type=bind|volume|tmpfs,source=…,target=…[,readonly]", static t => MountSpecs.Parse(t));
    public static readonly Option<string> Name = Option.Text("name", null, "string", "Name of the container");
    public static readonly Option<IReadOnlyList<string>> Network = new("network", null, "network", "Connect it to a network: bridge, host, none, container:NAME, a network's name, or name=…,alias=…", [], TakeNetwork) { Completes = Candidates.Networks };
    public static readonly Option<IReadOnlyList<string>> Net = new("net", null, "network", "Connect it to a network", [], TakeNetwork) { Hidden = true };
    public static readonly Option<IReadOnlyList<string>> NetworkAlias = Option.List("network-alias", null, "list", "Further name on the network");
    public static readonly Option<IReadOnlyList<string>> NetAlias = new("net-alias", null, "list", "Further name on the network", [], static (before, t) => [.. before, t]) { Hidden = true };
    public static readonly Option<bool> NoHealthcheck = Option.Flag("no-healthcheck", null, "Don't check its health, whatever the image says");
    public static readonly Option<bool> OomKillDisable = Option.Flag("oom-kill-disable", null, "Keep the OOM killer away");
    public static readonly Option<long?> OomScoreAdj = Option.Number32("oom-score-adj", null, "Inclination of the OOM killer, -1000 to 1000");
    public static readonly Option<string> Pid = Option.Text("pid", null, "string", "PID namespace: host or container:NAME");
    public static readonly Option<long?> PidsLimit = Option.Number("pids-limit", null, "Greatest number of processes and threads; -1: no limit");
    public static readonly Option<string> Platform = Option.Text("platform", null, "string", "Platform of the image (os/arch)");
    public static readonly Option<bool> Privileged = Option.Flag("privileged", null, "Give it all privileges the engine has");
    public static readonly Option<IReadOnlyList<string>> Publish = Option.List("publish", 'p', "list", "Publish a port ([[address:]host-port:]port[/protocol])");
    public static readonly Option<bool> PublishAll = Option.Flag("publish-all", 'P', "Publish all exposed ports on free ports of the host");
    public static readonly Option<string> Pull = new("pull", null, "string", "Fetch the image before: always, missing or never", "missing", static (_, t) => t) { DefaultText = "\"missing\"", Choices = ["always", "missing", "never"] };
    public static readonly Option<bool> Quiet = Option.Flag("quiet", 'q', "Don't show the progress of fetching the image");
    public static readonly Option<bool> ReadOnly = Option.Flag("read-only", null, "Make the root filesystem read-only");
    public static readonly Option<string> Restart = new("restart", null, "string", "When to start it again: no, on-failure[:max], always, unless-stopped", "no", static (_, t) => t) { DefaultText = "\"no\"", Choices = ["no", "on-failure", "always", "unless-stopped"] };
    public static readonly Option<bool> RestartOnUnhealthy = Option.Flag("restart-on-unhealthy", null, "Start it again when its health checks fail (label io.sampan.restart-on-unhealthy)");
    public static readonly Option<bool> Rm = Option.Flag("rm", null, "Remove the container and its anonymous volumes when it ends");
    public static readonly Option<string> Runtime = Option.Text("runtime", null, "string", "OCI runtime to use");
    public static readonly Option<IReadOnlyList<string>> SecurityOpt = Option.List("security-opt", null, "list", "Security option: no-new-privileges, seccomp=unconfined or a file, apparmor=…, systempaths=unconfined");
    public static readonly Option<long?> ShmSize = Option.Bytes("shm-size", null, "Size of /dev/shm");
    public static readonly Option<string> StopSignal = Option.Text("stop-signal", null, "string", "Signal that stops it");
    public static readonly Option<long?> StopTimeout = Option.Number32("stop-timeout", null, "Seconds from the stop signal to SIGKILL");
    public static readonly Option<IReadOnlyList<string>> StorageOpt = Option.List("storage-opt", null, "list", "Option of the storage driver (name=value)");
    public static readonly Option<IReadOnlyDictionary<string, string>> Sysctl = Option.Map("sysctl", null, "map", "Set a kernel parameter of its namespaces (name=value)");
    public static readonly Option<IReadOnlyList<string>> Tmpfs = Option.List("tmpfs", null, "list", "Mount a temporary filesystem (path[:options])");
    public static readonly Option<bool> Tty = Option.Flag("tty", 't', "Give it a terminal");
    public static readonly Option<IReadOnlyList<string>> Ulimit = Option.List("ulimit", null, "ulimit", "Set a resource limit (name=soft[:hard])", static t => HostConfigBuilder.Ulimit(t));
    public static readonly Option<string> User = Option.Text("user", 'u', "string", "User, by name or number (user[:group])");
    public static readonly Option<string> Userns = Option.Text("userns", null, "string", "User namespace: host");
    public static readonly Option<string> Uts = Option.Text("uts", null, "string", "UTS namespace: host");
    public static readonly Option<IReadOnlyList<string>> Volume = new("volume", 'v', "list", "Mount a path or a volume (source:path[:options])", [], static (before, t) => [.. before, t]) { Completes = Candidates.Files };
    public static readonly Option<string> VolumeDriver = Option.Text("volume-driver", null, "string", "Driver of volumes made for it");
    public static readonly Option<IReadOnlyList<string>> VolumesFrom = new("volumes-from", null, "list", "Mount what another container has mounted (name[:ro])", [], static (before, t) => [.. before, t]) { Completes = Candidates.Containers };
    public static readonly Option<string> Workdir = Option.Text("workdir", 'w', "string", "Working directory");

    public static IReadOnlyList<Option> All { get; } =
    [
        AddHost, Annotation, Attach, BlkioWeight, BlkioWeightDevice, CapAdd, CapDrop, CgroupParent, Cgroupns, Cidfile, CpuPeriod, CpuQuota, CpuRtPeriod, CpuRtRuntime,
        CpuShares, Cpus, CpusetCpus, CpusetMems, Device, DeviceCgroupRule, DeviceReadBps, DeviceReadIops, DeviceWriteBps, DeviceWriteIops, DisableContentTrust, Dns,
        DnsOption, DnsOpt, DnsSearch, Domainname, Entrypoint, Env, EnvFile, Expose, Gpus, GroupAdd, HealthCmd, HealthInterval, HealthRetries, HealthStartInterval,
        HealthStartPeriod, HealthTimeout, Hostname, Init, Interactive, Ip, Ip6, Ipc, Isolation, KernelMemory, Label, LabelFile, Link, LinkLocalIp, LogDriver, LogOpt,
        MacAddress, Memory, MemoryReservation, MemorySwap, MemorySwappiness, Mount, Name, Network, Net, NetworkAlias, NetAlias, NoHealthcheck, OomKillDisable,
        OomScoreAdj, Pid, PidsLimit, Platform, Privileged, Publish, PublishAll, Pull, Quiet, ReadOnly, Restart, RestartOnUnhealthy, Rm, Runtime, SecurityOpt, ShmSize, StopSignal,
        StopTimeout, StorageOpt, Sysctl, Tmpfs, Tty, Ulimit, User, Userns, Uts, Volume, VolumeDriver, VolumesFrom, Workdir,
        Option.Refused("cpu-count", null, "int", "CPU count", WindowsOnly),
        Option.Refused("cpu-percent", null, "int", "CPU percent", WindowsOnly),
        Option.Refused("io-maxbandwidth", null, "bytes", "I/O bandwidth", WindowsOnly),
        Option.Refused("io-maxiops", null, "uint", "I/O operations", WindowsOnly),
        Option.Refused("use-api-socket", null, "", "Mount the API socket", "mount the socket yourself with -v, it gives full control of the engine"),
    ];

    private static void CheckAddress(string text)
    {
        if (!Values.IsAddress(text)) throw new FormatException($"IP address is not correctly formatted: {text}");
    }

    // The rules of dockerd's own clients: labels of letters, digits and dashes, at least one letter; '.' means none.
    private static void CheckDomain(string text)
    {
        string name = text.Trim();
        bool isDomain = name.Length < 255 && name.Any(char.IsAsciiLetter) && (name.EndsWith('.') ? name[..^1] : name).Split('.').All(label =>
            label.Length > 0 && label[0] != '-' && label[^1] != '-' && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'));
        if (name != "." && !isDomain) throw new FormatException($"{text} is not a valid domain");
    }

    private static IReadOnlyList<string> TakeNetwork(IReadOnlyList<string> before, string text)
    {
        NetworkSpecs.Parse(text);
        return [.. before, text];
    }

    private static void CheckStream(string text)
    {
        if (text.ToLowerInvariant() is not ("stdin" or "stdout" or "stderr")) throw new FormatException("valid streams are STDIN, STDOUT and STDERR");
    }
}
