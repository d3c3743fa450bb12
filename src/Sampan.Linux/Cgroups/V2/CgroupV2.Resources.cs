using Sampan.Linux.Io;

namespace Sampan.Linux.Cgroups.V2;

/// <summary>Limits on v2, converted from v1's units where the two differ.</summary>
internal sealed partial class CgroupV2
{
    public void Apply(CgroupResources resources)
    {
        if (resources.Memory is { } memory)
            ApplyMemory(memory);
        if (resources.Cpu is { } cpu)
            ApplyCpu(cpu);
        if (resources.Pids is { } pids)
            CgroupFiles.Write(_directory, "pids.max", CgroupConversions.Max(pids));
        if (resources.BlockIo is { } blockIo)
            ApplyBlockIo(blockIo);
        foreach (var huge in resources.HugePages)
            ApplyHugePages(huge);
        if (resources.NetworkClass is not null)
            throw Unsupported("a network class");
        if (resources.NetworkPriorities.Count > 0)
            throw Unsupported("network priorities");
        foreach (var device in resources.Rdma)
            CgroupFiles.Write(_directory, "rdma.max", device.Format());
        if (resources.Devices is { } devices)
            DeviceFilter.Attach(_directory, devices);
        foreach (var (file, value) in resources.Unified)
            ApplyUnified(file, value);
    }

    private void ApplyMemory(MemoryLimits memory)
    {
        if (memory.Swappiness is not null)
            throw Unsupported("memory swappiness");
        if (memory.KernelTcp is not null)
            throw Unsupported("a limit of TCP buffers");
        if (memory.DisableOomKiller == true)
            throw Unsupported("disabling the OOM killer");
        if (memory is { CheckBeforeUpdate: true, Limit: >= 0 } && CgroupFiles.TryReadNumber(_directory, "memory.current") is { } usage && usage > (ulong)memory.Limit.Value)
            throw new LinuxException($"set 'memory.max' to '{memory.Limit}' ({usage} bytes are in use) in control group", Errno.EBUSY, _directory);

        if (memory.SwapLimit is { } both)
        {
            if (!CgroupConversions.TrySwapMax(memory.Limit, both, out var swap))
                throw new LinuxException($"set memory and swap limit '{both}' (it must be -1, or at least the memory limit, which must be set too) in control group", Errno.EINVAL, _directory);

            // Without swap accounting there is no file, and no swap to limit: "max" and 0 need no writing then.
            var errno = CgroupFiles.TryWrite(_directory, "memory.swap.max", swap);
            if (errno != Errno.None && !(errno == Errno.ENOENT && swap is "max" or "0"))
                throw CgroupFiles.Failure(_directory, "memory.swap.max", swap, errno);
        }

        if (memory.Limit is { } limit)
            CgroupFiles.Write(_directory, "memory.max", CgroupConversions.Max(limit));
        if (memory.Reservation is { } reservation)
            CgroupFiles.Write(_directory, "memory.low", CgroupConversions.Max(reservation));
    }

    private void ApplyCpu(CpuLimits cpu)
    {
        if (cpu.RealtimePeriod is > 0 || cpu.RealtimeRuntime is not (null or 0))
            throw Unsupported("a real-time cpu budget");
        if (cpu.Idle is { } idle)
            CgroupFiles.Write(_directory, "cpu.idle", idle);
        if (cpu.Shares is { } shares && cpu.Idle is not 1) // an idle group has no weight: writing one is refused
            CgroupFiles.Write(_directory, "cpu.weight", CgroupConversions.SharesToWeight(shares));
        if (cpu.Burst is { } early && cpu.Quota is null)
            CgroupFiles.Write(_directory, "cpu.max.burst", early);
        if (cpu.Quota is not null || cpu.Period is not null)
            CgroupFiles.Write(_directory, "cpu.max", CpuMax(cpu));
        if (cpu.Burst is { } late && cpu.Quota is not null)
            CgroupFiles.Write(_directory, "cpu.max.burst", late);
        if (cpu.Cpus is { Length: > 0 } cpus)
            CgroupFiles.Write(_directory, "cpuset.cpus", cpus);
        if (cpu.Mems is { Length: > 0 } mems)
            CgroupFiles.Write(_directory, "cpuset.mems", mems);
    }

    // One file holds both: what is not given keeps its value.
    private string CpuMax(CpuLimits cpu)
    {
        if (cpu is { Quota: not null, Period: not null })
            return CgroupConversions.CpuMax(cpu.Quota, cpu.Period);
        var now = (CgroupFiles.TryReadText(_directory, "cpu.max") ?? "max 100000").Split(' ');
        var quota = cpu.Quota ?? (long.TryParse(now[0], out var current) ? current : -1);
        var period = cpu.Period ?? (now.Length > 1 && ulong.TryParse(now[1], out var length) ? length : null);
        return CgroupConversions.CpuMax(quota, period);
    }

    private void ApplyBlockIo(BlockIoLimits blockIo)
    {
        if (blockIo.Weight is { } weight)
            WriteWeight("default", weight);
        foreach (var (device, deviceWeight) in blockIo.DeviceWeights)
            WriteWeight(device.ToString(), deviceWeight);
        if (blockIo.LeafWeight is not null || blockIo.DeviceLeafWeights.Count > 0)
            throw Unsupported("a leaf weight of block devices");
        WriteRates("rbps", blockIo.ReadBytesPerSecond);
        WriteRates("wbps", blockIo.WriteBytesPerSecond);
        WriteRates("riops", blockIo.ReadsPerSecond);
        WriteRates("wiops", blockIo.WritesPerSecond);
    }

    // bfq keeps v1's range of 1 to 1000 in a file of its own; io.weight is iocost's and goes to 10000.
    private void WriteWeight(string target, ushort weight)
    {
        var errno = CgroupFiles.TryWrite(_directory, "io.bfq.weight", target == "default" ? weight.ToString() : $"{target} {Word(weight)}");
        if (errno == Errno.ENOENT)
            CgroupFiles.Write(_directory, "io.weight", $"{target} {(weight == 0 ? "default" : CgroupConversions.BlockIoWeightToIoWeight(weight).ToString())}");
        else if (errno != Errno.None)
            throw CgroupFiles.Failure(_directory, "io.bfq.weight", $"{target} {weight}", errno);
    }

    // Of a device, no weight is the group's own.
    private static string Word(ushort weight) => weight == 0 ? "default" : weight.ToString();

    private void WriteRates(string key, IReadOnlyList<(DeviceNumber Device, ulong Rate)> rates)
    {
        foreach (var (device, rate) in rates)
            CgroupFiles.Write(_directory, "io.max", $"{device} {key}={(rate == 0 ? "max" : rate.ToString())}");
    }

    private void ApplyHugePages(HugePageLimit huge)
    {
        CgroupFiles.Write(_directory, $"hugetlb.{huge.PageSize}.max", huge.Limit);

        // Reservations are counted apart since 5.7: a mapping that only reserves would get round the limit.
        var errno = CgroupFiles.TryWrite(_directory, $"hugetlb.{huge.PageSize}.rsvd.max", huge.Limit.ToString());
        if (errno is not (Errno.None or Errno.ENOENT))
            throw CgroupFiles.Failure(_directory, $"hugetlb.{huge.PageSize}.rsvd.max", huge.Limit.ToString(), errno);
    }

    private void ApplyUnified(string file, string value)
    {
        // A name with a slash would be a path out of the group; cgroup.* would move processes or kill.
        if (file.Length == 0 || file.Contains('/') || file.Contains('\0') || file is "." or ".." || file.StartsWith("cgroup.", StringComparison.Ordinal))
            throw new LinuxException($"set unified resource '{file}' (no resource's name) in control group", Errno.EINVAL, _directory);
        CgroupFiles.Write(_directory, file, value);
    }

    private LinuxException Unsupported(string what) => new($"apply {what} (cgroup v2 has no such control) to control group", Errno.EOPNOTSUPP, _directory);
}
