using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Containers.Processes;
using Sampan.Engine.Devices;
using Sampan.Engine.Health;
using Sampan.Engine.Logs.Drivers;
using Sampan.Engine.Recipes;
using Sampan.Engine.Services;
using Sampan.Engine.Specs;

namespace Sampan.Engine.Containers.Wishes;

/// <summary>Says what is wrong with a wish: every problem at once, each naming the option.</summary>
internal static class SpecCheck
{
    private const long LeastMemory = 6L << 20;

    private static readonly string[] Ulimits =
    [
        "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",
    ];

    /// <summary>Throws when the wish cannot be fulfilled.</summary>
    /// <param name="spec">As the user gave it.</param>
    /// <param name="capabilities">Every capability there is.</param>
    /// <param name="systemdCgroups">True if systemd makes the control groups: their parents are slices then.</param>
    /// <param name="realTime">Whether the kernel can give groups time for real-time tasks.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/> with all problems; <see cref="ErrorKind.NotSupported"/> when all of them are about things this engine does not do.</exception>
    public static void Verify(ContainerSpec spec, IReadOnlyList<string> capabilities, bool systemdCgroups = false, bool realTime = false)
    {
        var wrong = new List<string>();
        var missing = new List<string>();
        Process(spec, wrong);
        Resources(spec.Resources, wrong, missing);
        RealTime(spec.Resources, realTime && !systemdCgroups, wrong, missing);
        wrong.AddRange(RootSize.Problems(spec.StorageOptions));
        if (spec.Resources.CgroupParent is { } parent && CgroupParentProblem(parent, systemdCgroups) is { } problem)
            wrong.Add(problem);
        Security(spec, capabilities, wrong);
        Namespaces(spec, wrong, missing);
        Network(spec, wrong);
        wrong.AddRange(LogDrivers.Problems(spec.Log));
        wrong.AddRange(ServiceLabels.Problems(spec));
        Behaviour(spec, wrong);
        if (wrong.Count > 0)
            throw EngineException.Invalid(string.Join("; ", wrong.Concat(missing)));
        if (missing.Count > 0)
            throw EngineException.NotSupported(string.Join("; ", missing));
    }

    /// <summary>What is wrong with a parent of control groups, for the driver that the daemon has; null if nothing is.</summary>
    /// <param name="parent">As it was given.</param>
    /// <param name="systemdCgroups">True for systemd's slices.</param>
    public static string? CgroupParentProblem(string parent, bool systemdCgroups)
    {
        const string Suffix = ".slice";
        if (systemdCgroups)
            return parent.EndsWith(Suffix, StringComparison.Ordinal) && parent.Length > Suffix.Length && !parent.Contains('/') && !parent.Contains(':') ? null
                : $"invalid cgroup parent: '{parent}': cgroup-parent for systemd cgroup should be a valid slice named as \"xxx.slice\"";
        return parent.StartsWith('/') && !parent.Split('/').Contains("..") ? null
            : $"invalid cgroup parent: '{parent}': expected an absolute path{(parent.EndsWith(Suffix, StringComparison.Ordinal) ? "; slices need the daemon's exec-opt native.cgroupdriver=systemd" : "")}";
    }

    /// <summary>What can only be said when the image has been asked.</summary>
    public static void VerifyMerged(ContainerSpec spec)
    {
        var wrong = new List<string>();
        if (spec.Entrypoint is null or { Count: 0 } or [""] && spec.Command is null or { Count: 0 })
            wrong.Add("no command specified: the image has none either");
        Process(spec, wrong);
        if (wrong.Count > 0)
            throw EngineException.Invalid(string.Join("; ", wrong));
    }

    private static void Process(ContainerSpec spec, List<string> wrong)
    {
        if (spec.WorkingDirectory is { } directory && !directory.StartsWith('/'))
            wrong.Add($"the working directory '{directory}' is invalid, it needs to be an absolute path");
        foreach (var entry in spec.Env)
        {
            if (entry.Length == 0 || entry[0] == '=' || entry.Contains('\0'))
                wrong.Add($"invalid environment variable: {entry}");
        }

        wrong.AddRange(HealthPlan.Problems(spec.Healthcheck));
        if (UnhealthyRestart.Problem(spec) is { } label)
            wrong.Add(label);
        if (RestartTiming.Problem(spec) is { } timing)
            wrong.Add(timing);
        if (spec.StopSignal is { } signal && !SignalName.TryParse(signal, out _))
            wrong.Add($"invalid signal: {signal}");
        if (spec.StopTimeout < -1)
            wrong.Add($"stop timeout {spec.StopTimeout} must be -1 or more seconds");
        if (spec.Hostname is { Length: > 64 })
            wrong.Add($"invalid hostname: '{spec.Hostname}' is longer than 64 characters");
    }

    internal const string NoRealTime = "your kernel does not support CPU real-time scheduling of groups: it needs cgroup v1 and CONFIG_RT_GROUP_SCHED";

    private static void RealTime(ResourceLimits r, bool possible, List<string> wrong, List<string> missing)
    {
        const long UsualPeriod = 1_000_000;
        if (r.CpuRealtimePeriod is null && r.CpuRealtimeRuntime is null)
            return;
        if (!possible)
            missing.Add(NoRealTime);
        if (r.CpuRealtimePeriod < 0 || r.CpuRealtimeRuntime < 0)
            wrong.Add("cpu real-time period and runtime cannot be negative");
        if (r.CpuRealtimeRuntime > (r.CpuRealtimePeriod ?? UsualPeriod))
            wrong.Add("cpu real-time runtime cannot be higher than cpu real-time period");
    }

    private static void Resources(ResourceLimits r, List<string> wrong, List<string> missing)
    {
        if (r.Memory is { } memory && memory < LeastMemory)
            wrong.Add("Minimum memory limit allowed is 6MB");
        if (r.MemorySwap is not null and not -1 && r.Memory is null)
            wrong.Add("You should always set the Memory limit when using Memoryswap limit, see usage");
        if (r.MemorySwap is > 0 && r.MemorySwap < r.Memory)
            wrong.Add("Minimum memoryswap limit should be larger than memory limit, see usage");
        if (r.MemoryReservation > r.Memory)
            wrong.Add("Minimum memory limit can not be less than memory reservation limit, see usage");
        if (r.MemoryReservation is { } reservation && reservation < LeastMemory)
            wrong.Add("Minimum memory reservation allowed is 6MB");
        if (r.MemorySwappiness is < 0 or > 100)
            wrong.Add($"Invalid value: {r.MemorySwappiness}, valid memory swappiness range is 0-100");
        if (r.OomScoreAdj is < -1000 or > 1000)
            wrong.Add($"Invalid value {r.OomScoreAdj}, range for oom score adj is [-1000, 1000]");
        if (r.NanoCpus is { } nano && (nano < 0 || nano > Environment.ProcessorCount * 1_000_000_000L))
            wrong.Add(string.Create(CultureInfo.InvariantCulture, $"Range of CPUs is from 0.01 to {Environment.ProcessorCount}.00, as there are only {Environment.ProcessorCount} CPUs available"));
        if (r.NanoCpus is not null && r.CpuPeriod is not null)
            wrong.Add("Conflicting options: Nano CPUs and CPU Period cannot both be set");
        if (r.NanoCpus is not null && r.CpuQuota is not null)
            wrong.Add("Conflicting options: Nano CPUs and CPU Quota cannot both be set");
        if (r.CpuPeriod is < 1000 or > 1_000_000)
            wrong.Add("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
        if (r.CpuQuota is > 0 and < 1000)
            wrong.Add("CPU cfs quota can not be less than 1ms (i.e. 1000)");
        wrong.AddRange(CpusetCheck.Problems(r));
        if (r.BlkioWeight is { } weight && weight is < 10 or > 1000)
            wrong.Add("range of blkio weight is from 10 to 1000");
        foreach (var limit in r.Ulimits)
        {
            if (!Ulimits.Contains(limit.Name))
                wrong.Add($"invalid ulimit type: {limit.Name}");
            else if (limit.Hard != -1 && (limit.Soft == -1 || limit.Soft > limit.Hard))
                wrong.Add($"ulimit soft limit must be less than or equal to hard limit: {limit.Soft} > {limit.Hard}");
        }

        foreach (var device in r.Devices)
        {
            if (!device.PathOnHost.StartsWith('/') || !device.PathInContainer.StartsWith('/') || device.Permissions.Any(c => c is not ('r' or 'w' or 'm')))
                wrong.Add($"invalid device: '{device.PathOnHost}:{device.PathInContainer}:{device.Permissions}'");
        }

        foreach (var rule in r.DeviceCgroupRules)
        {
            if (!DeviceRules.TryParse(rule, out _))
                wrong.Add($"invalid device cgroup rule format: '{rule}'");
        }

        missing.AddRange(r.DeviceWishes.Select(DeviceSelection.Problem).OfType<string>());
        foreach (var weighted in r.BlkioWeightDevices.Where(d => d.Rate is < 10 or > 1000))
            wrong.Add($"invalid weight for device '{weighted.Path}': range of blkio weight is from 10 to 1000");
        foreach (var rate in r.BlkioWeightDevices.Concat(r.BlkioReadBytes).Concat(r.BlkioWriteBytes).Concat(r.BlkioReads).Concat(r.BlkioWrites).Where(d => !d.Path.StartsWith('/')))
            wrong.Add($"invalid device '{rate.Path}' of a block I/O limit: expected an absolute path");
    }

    private static void Security(ContainerSpec spec, IReadOnlyList<string> capabilities, List<string> wrong)
    {
        foreach (var (option, names) in new[] { ("CapAdd", spec.Security.CapAdd), ("CapDrop", spec.Security.CapDrop) })
        {
            foreach (var name in names)
            {
                var normal = CapabilityGrant.Normalise(name);
                if (normal != "ALL" && !capabilities.Contains(normal))
                    wrong.Add($"invalid {option}: unknown capability: \"{normal}\"");
            }
        }

        SecurityOptions.Parse(spec.Security, wrong);
        foreach (var path in (spec.Security.MaskedPaths ?? []).Concat(spec.Security.ReadonlyPaths ?? []))
        {
            if (!path.StartsWith('/'))
                wrong.Add($"masked or read-only path '{path}' must be absolute");
        }
    }

    private static void Namespaces(ContainerSpec spec, List<string> wrong, List<string> missing)
    {
        var wish = spec.Namespaces;
        if (wish.Ipc is not (null or "" or "private" or "shareable" or "none" or "host") && !(wish.Ipc.StartsWith("container:", StringComparison.Ordinal) && wish.Ipc.Length > "container:".Length))
            wrong.Add($"invalid IPC mode: {wish.Ipc}");
        if (wish.Pid is not (null or "" or "private" or "host") && !wish.Pid.StartsWith("container:", StringComparison.Ordinal))
            wrong.Add($"invalid PID mode: {wish.Pid}");
        if (wish.Uts is not (null or "" or "private" or "host"))
            wrong.Add($"invalid UTS mode: {wish.Uts}");
        if (wish.Cgroup is not (null or "" or "private" or "host"))
            wrong.Add($"invalid cgroup namespace mode: {wish.Cgroup}");
        if (wish.User is not (null or "" or "host"))
            missing.Add($"user namespace mode '{wish.User}' is not supported");
        if (wish.Uts == "host" && !string.IsNullOrEmpty(spec.Hostname))
            wrong.Add("conflicting options: hostname and the UTS mode");
        foreach (var name in spec.Sysctls.Keys)
        {
            var network = name.StartsWith("net.", StringComparison.Ordinal);
            var ipc = name.StartsWith("kernel.msg", StringComparison.Ordinal) || name.StartsWith("kernel.shm", StringComparison.Ordinal) || name == "kernel.sem" || name.StartsWith("fs.mqueue.", StringComparison.Ordinal);
            if (!network && !ipc)
                wrong.Add($"sysctl '{name}' is not in a namespace of the container, so it cannot be set");
            else if (network && spec.Network.Mode == "host")
                wrong.Add($"sysctl '{name}' not allowed in host network namespace");
            else if (ipc && wish.Ipc == "host")
                wrong.Add($"sysctl '{name}' not allowed in host ipc namespace");
        }
    }

    private static void Network(ContainerSpec spec, List<string> wrong)
    {
        var wish = spec.Network;
        var shares = wish.Mode.StartsWith("container:", StringComparison.Ordinal);
        if (shares && !string.IsNullOrEmpty(spec.Hostname))
            wrong.Add("conflicting options: hostname and the network mode");
        if (shares && (spec.PublishedPorts.Count > 0 || spec.PublishAllPorts))
            wrong.Add("conflicting options: port publishing and the container type network mode");
        if (shares && wish.Mode.Length == "container:".Length)
            wrong.Add("Invalid network mode: invalid container format container:<name|id>");
        if (shares && wish.Dns.Count > 0)
            wrong.Add("conflicting options: dns and the network mode");
        if (shares && wish.ExtraHosts.Count > 0)
            wrong.Add("conflicting options: custom host-to-IP mapping and the network mode");
        if (shares && wish.Endpoints.Values.Any(endpoint => endpoint.MacAddress is not null))
            wrong.Add("conflicting options: mac-address and the network mode");
        if (shares && spec.ExposedPorts.Count > 0)
            wrong.Add("conflicting options: port exposing and the container type network mode");
        if (wish.Links.Count > 0 && (shares || wish.Mode == "host"))
            wrong.Add($"conflicting options: {(shares ? "container type network" : "host type networking")} can't be used with links. This would result in undefined behavior");
        foreach (var link in wish.Links.Where(l => LinkName.Parse(l) is not ({ Length: > 0 }, { Length: > 0 })))
            wrong.Add($"bad format for links: '{link}'");
        foreach (var server in wish.Dns)
        {
            if (!IsAddress(server))
                wrong.Add($"invalid IP address for DNS: '{server}'");
        }

        foreach (var host in wish.ExtraHosts)
        {
            var colon = host.IndexOf(':');
            if (colon < 1)
                wrong.Add($"bad format for add-host: \"{host}\"");
            else if (host[(colon + 1)..] is not "host-gateway" and var address && !IsAddress(address))
                wrong.Add($"invalid IP address in add-host: \"{address}\"");
        }

        foreach (var (name, endpoint) in wish.Endpoints)
        {
            if (endpoint.IPv6Address is { } address6 && !(IPAddress.TryParse(address6, out var parsed) && parsed.AddressFamily == AddressFamily.InterNetworkV6))
                wrong.Add($"invalid IPv6 address: {address6}");
            if (endpoint.IPv4Address is { } address && !IsAddress(address))
                wrong.Add($"invalid IPv4 address: {address}");
        }

        foreach (var port in spec.PublishedPorts)
        {
            if (port.HostAddress is { } address && !IsAddress(address))
                wrong.Add($"invalid IP address: '{address}'");
            if (port.HostPortEnd < port.HostPort)
                wrong.Add($"invalid host port range: {port.HostPort}-{port.HostPortEnd}");
        }
    }

    // The framework reads 1.2.3, 010.0.0.1 and 0x7f.1, too, each as another address than who wrote it may mean; Docker reads none of them.
    private static bool IsAddress(string text) =>
        IPAddress.TryParse(text, out var address) && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text);

    private static void Behaviour(ContainerSpec spec, List<string> wrong)
    {
        if (spec.AutoRemove && spec.Restart.Kind != RestartKind.No)
            wrong.Add("can't create 'AutoRemove' container with restart policy");
        if (spec.Restart.MaximumRetries < 0)
            wrong.Add("invalid restart policy: maximum retry count cannot be negative");
        if (spec.Restart.Kind != RestartKind.OnFailure && spec.Restart.MaximumRetries != 0)
            wrong.Add($"invalid restart policy: maximum retry count can only be used with 'on-failure'");
        if (spec.ShmSize is < 0)
            wrong.Add("SHM size can not be less than 0");
    }
}
