using System.Globalization;
using System.Text;
using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Cgroups.V1;

/// <summary>Limits on v1: one file each.</summary>
internal sealed partial class CgroupV1
{
    public void Apply(CgroupResources resources)
    {
        if (resources.Unified.Count > 0)
            throw new LinuxException($"set unified resource '{resources.Unified.Keys.First()}' (the host runs cgroup v1) in control group", Errno.EOPNOTSUPP, Path);
        if (resources.Memory is { } memory)
            ApplyMemory(memory);
        if (resources.Cpu is { } cpu)
            ApplyCpu(cpu);
        if (resources.Pids is { } pids)
            CgroupFiles.Write(Require("pids", "processes"), "pids.max", CgroupConversions.Max(pids));
        if (resources.BlockIo is { } blockIo)
            ApplyBlockIo(blockIo);
        foreach (var huge in resources.HugePages)
            ApplyHugePages(Require("hugetlb", $"{huge.PageSize} pages"), huge);
        if (resources.NetworkClass is { } networkClass)
            CgroupFiles.Write(Require("net_cls", "the network class"), "net_cls.classid", networkClass);
        foreach (var (name, priority) in resources.NetworkPriorities)
            CgroupFiles.Write(Require("net_prio", "network priorities"), "net_prio.ifpriomap", $"{name} {priority}");
        foreach (var device in resources.Rdma)
            CgroupFiles.Write(Require("rdma", "RDMA devices"), "rdma.max", device.Format());
        if (resources.Devices is { } devices)
            ApplyDevices(devices);
    }

    private void ApplyMemory(MemoryLimits memory)
    {
        var directory = Require("memory", "memory");
        ApplyMemoryAndSwap(directory, memory.Limit, memory.SwapLimit);
        if (memory.Reservation is { } reservation)
            CgroupFiles.Write(directory, "memory.soft_limit_in_bytes", reservation);
        if (memory.KernelTcp is { } kernelTcp)
            CgroupFiles.Write(directory, "memory.kmem.tcp.limit_in_bytes", kernelTcp);
        if (memory.Swappiness is { } swappiness)
            CgroupFiles.Write(directory, "memory.swappiness", swappiness);
        if (memory.DisableOomKiller is { } disable)
            CgroupFiles.Write(directory, "memory.oom_control", disable ? "1" : "0");
    }

    private static void ApplyHugePages(string directory, HugePageLimit huge)
    {
        CgroupFiles.Write(directory, $"hugetlb.{huge.PageSize}.limit_in_bytes", huge.Limit);

        // Reservations are counted apart since 5.7: a mapping that only reserves would get round the limit.
        var file = $"hugetlb.{huge.PageSize}.rsvd.limit_in_bytes";
        var errno = CgroupFiles.TryWrite(directory, file, huge.Limit.ToString(CultureInfo.InvariantCulture));
        if (errno is not (Errno.None or Errno.ENOENT))
            throw CgroupFiles.Failure(directory, file, huge.Limit.ToString(CultureInfo.InvariantCulture), errno);
    }

    private static void ApplyMemoryAndSwap(string directory, long? limit, long? swap)
    {
        const string limitFile = "memory.limit_in_bytes", swapFile = "memory.memsw.limit_in_bytes";
        if (limit is not { } bytes)
        {
            if (swap is { } only)
                CgroupFiles.Write(directory, swapFile, only);
            return;
        }

        // Memory may never exceed memory+swap: to go up, swap comes first; to go down, last. A fresh group only goes down.
        var value = bytes.ToString(CultureInfo.InvariantCulture);
        var errno = CgroupFiles.TryWrite(directory, limitFile, value);
        if (errno == Errno.EINVAL && swap is { } raised)
        {
            CgroupFiles.Write(directory, swapFile, raised);
            errno = CgroupFiles.TryWrite(directory, limitFile, value);
        }
        else if (errno == Errno.None && swap is { } lowered)
        {
            CgroupFiles.Write(directory, swapFile, lowered);
        }

        if (errno != Errno.None)
            throw CgroupFiles.Failure(directory, limitFile, value, errno);
    }

    private void ApplyCpu(CpuLimits cpu)
    {
        if (cpu is not { Shares: null, Quota: null, Period: null, Burst: null, RealtimePeriod: null, RealtimeRuntime: null, Idle: null })
            ApplyCpuTime(Require("cpu", "cpu time"), cpu);
        if (cpu.Cpus is { Length: > 0 } cpus)
            CgroupFiles.Write(Require("cpuset", "cpus"), "cpuset.cpus", cpus);
        if (cpu.Mems is { Length: > 0 } mems)
            CgroupFiles.Write(Require("cpuset", "memory nodes"), "cpuset.mems", mems);
    }

    private static void ApplyCpuTime(string directory, CpuLimits cpu)
    {
        if (cpu.Shares is { } shares)
            CgroupFiles.Write(directory, "cpu.shares", shares);
        if (cpu.RealtimePeriod is { } realtimePeriod)
            CgroupFiles.Write(directory, "cpu.rt_period_us", realtimePeriod);
        if (cpu.RealtimeRuntime is { } realtimeRuntime)
            CgroupFiles.Write(directory, "cpu.rt_runtime_us", realtimeRuntime);

        // Each combination on the way must be one the kernel takes: a burst above the quota, or more time than the parent has, is refused.
        if (cpu.Burst is { } burst && cpu.Quota is null)
            CgroupFiles.Write(directory, "cpu.cfs_burst_us", burst);
        var quotaFirst = false;
        if (cpu.Period is { } period)
        {
            var value = period.ToString(CultureInfo.InvariantCulture);
            var errno = CgroupFiles.TryWrite(directory, "cpu.cfs_period_us", value);
            quotaFirst = errno == Errno.EINVAL && cpu.Quota is not null;
            if (errno != Errno.None && !quotaFirst)
                throw CgroupFiles.Failure(directory, "cpu.cfs_period_us", value, errno);
        }

        if (cpu.Quota is { } quota)
            CgroupFiles.Write(directory, "cpu.cfs_quota_us", quota);
        if (quotaFirst && cpu.Period is { } again)
            CgroupFiles.Write(directory, "cpu.cfs_period_us", again);
        if (cpu.Burst is { } late && cpu.Quota is not null)
            CgroupFiles.Write(directory, "cpu.cfs_burst_us", late);
        if (cpu.Idle is { } idle)
            CgroupFiles.Write(directory, "cpu.idle", idle);
    }

    private void ApplyBlockIo(BlockIoLimits blockIo)
    {
        var directory = Require("blkio", "block devices");
        if (blockIo.Weight is { } weight)
            WriteEither(directory, "blkio.bfq.weight", "blkio.weight", weight.ToString(CultureInfo.InvariantCulture));
        foreach (var (device, deviceWeight) in blockIo.DeviceWeights)
            WriteEither(directory, "blkio.bfq.weight_device", "blkio.weight_device", $"{device} {(deviceWeight == 0 ? "default" : deviceWeight.ToString())}");
        if (blockIo.LeafWeight is { } leafWeight)
            CgroupFiles.Write(directory, "blkio.leaf_weight", (ulong)leafWeight);
        foreach (var (device, deviceWeight) in blockIo.DeviceLeafWeights)
            CgroupFiles.Write(directory, "blkio.leaf_weight_device", $"{device} {deviceWeight}");
        WriteRates(directory, "blkio.throttle.read_bps_device", blockIo.ReadBytesPerSecond);
        WriteRates(directory, "blkio.throttle.write_bps_device", blockIo.WriteBytesPerSecond);
        WriteRates(directory, "blkio.throttle.read_iops_device", blockIo.ReadsPerSecond);
        WriteRates(directory, "blkio.throttle.write_iops_device", blockIo.WritesPerSecond);
    }

    private static void WriteRates(string directory, string file, IReadOnlyList<(DeviceNumber Device, ulong Rate)> rates)
    {
        foreach (var (device, rate) in rates)
            CgroupFiles.Write(directory, file, $"{device} {rate}");
    }

    // The scheduler that gives weights a meaning brings its own file: bfq now, cfq before Linux 5.0.
    private static void WriteEither(string directory, string file, string older, string value)
    {
        var errno = CgroupFiles.TryWrite(directory, file, value);
        if (errno == Errno.ENOENT)
            CgroupFiles.Write(directory, older, value);
        else if (errno != Errno.None)
            throw CgroupFiles.Failure(directory, file, value, errno);
    }

    /// <summary>Everything is denied, then the rules follow in order, all through two open files.</summary>
    private void ApplyDevices(IReadOnlyList<DeviceRule> rules)
    {
        var directory = Require("devices", "devices");
        using var allow = OpenRules(directory, "devices.allow");
        using var deny = OpenRules(directory, "devices.deny");
        WriteRule(deny, "a", directory);
        foreach (var rule in rules)
        {
            var file = rule.Allow ? allow : deny;
            if (rule.IsForAll)
            {
                WriteRule(file, "a", directory);
                continue;
            }

            if (rule.Kind is null or FileKind.CharacterDevice)
                WriteRule(file, rule.Format(FileKind.CharacterDevice), directory);
            if (rule.Kind is null or FileKind.BlockDevice)
                WriteRule(file, rule.Format(FileKind.BlockDevice), directory);
        }
    }

    private static SafeFd OpenRules(string directory, string file) =>
        new(Sys.Check(Sys.openat(Sys.AT_FDCWD, directory + "/" + file, OpenFlags.WriteOnly), $"open '{file}' of control group", directory));

    private static void WriteRule(SafeFd file, string rule, string directory) =>
        Sys.Check(Sys.WriteAll(file.Number, Encoding.ASCII.GetBytes(rule)), $"set device rule '{rule}' in control group", directory);
}
