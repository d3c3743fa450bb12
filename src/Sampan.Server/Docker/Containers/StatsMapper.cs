using Sampan.DockerApi.Containers.Stats;
using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Processes;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Containers;

/// <summary>Makes the samples of <c>docker stats</c>.</summary>
internal static class StatsMapper
{
    /// <summary>One sample, with the processor's part of the one before it, from which clients compute percentages.</summary>
    /// <param name="container">Whose.</param>
    /// <param name="now">The sample.</param>
    /// <param name="before">The sample before; null: there is none.</param>
    internal static StatsResponse ToResponse(ContainerSnapshot container, ContainerStats now, ContainerStats? before)
    {
        // Docker's zeros for a container that does not run are absent members here.
        var runs = now.Pids > 0;
        return new StatsResponse
        {
            Name = "/" + container.Name,
            Id = container.Id,
            OsType = "linux",
            Read = Timestamp.Write(now.Time),
            PreRead = Timestamp.Write(before?.Time),
            PidsStats = runs ? new PidsStats { Current = now.Pids, Limit = now.PidsLimit } : new PidsStats(),
            BlkioStats = ToBlkio(now),
            StorageStats = new StorageStats(),
            CpuStats = ToCpu(now),
            PreCpuStats = ToCpu(before),
            MemoryStats = runs
                ? new MemoryStats { Usage = now.Memory, MaxUsage = now.MemoryMax, Stats = now.MemoryDetails, Failcnt = now.MemoryFailures == 0 ? null : now.MemoryFailures, Limit = now.MemoryLimit }
                : new MemoryStats(),
            Networks = now.Interfaces.Count == 0 ? null : now.Interfaces.Where(i => i.Name != "lo").ToDictionary(
                i => i.Name,
                i => new NetworkStats
                {
                    RxBytes = i.RxBytes,
                    RxPackets = i.RxPackets,
                    RxErrors = i.RxErrors,
                    RxDropped = i.RxDropped,
                    TxBytes = i.TxBytes,
                    TxPackets = i.TxPackets,
                    TxErrors = i.TxErrors,
                    TxDropped = i.TxDropped,
                },
                StringComparer.Ordinal),
        };
    }

    private static CpuStats ToCpu(ContainerStats? sample) => sample is null or { MachineCpu: 0 }
        ? new CpuStats { CpuUsage = new CpuUsage(), ThrottlingData = new ThrottlingData() }
        : new CpuStats
        {
            CpuUsage = new CpuUsage
            {
                TotalUsage = sample.Cpu.Total,
                UsageInUsermode = sample.Cpu.User,
                UsageInKernelmode = sample.Cpu.System,
                PercpuUsage = sample.CpuPerProcessor.Count == 0 ? null : sample.CpuPerProcessor,
            },
            SystemCpuUsage = sample.MachineCpu,
            OnlineCpus = sample.Processors,
            ThrottlingData = new ThrottlingData { Periods = sample.Throttling.Periods, ThrottledPeriods = sample.Throttling.Throttled, ThrottledTime = sample.Throttling.ThrottledTime },
        };

    private static BlkioStats ToBlkio(ContainerStats sample) => new()
    {
        IoServiceBytesRecursive = sample.BlockIo.Count == 0 ? null :
        [
            .. sample.BlockIo.SelectMany(d => new[]
            {
                new BlkioEntry { Major = d.Major, Minor = d.Minor, Op = "read", Value = d.ReadBytes },
                new BlkioEntry { Major = d.Major, Minor = d.Minor, Op = "write", Value = d.WrittenBytes },
            }),
        ],
        IoServicedRecursive = sample.BlockIo.Count == 0 ? null :
        [
            .. sample.BlockIo.SelectMany(d => new[]
            {
                new BlkioEntry { Major = d.Major, Minor = d.Minor, Op = "read", Value = d.Reads },
                new BlkioEntry { Major = d.Major, Minor = d.Minor, Op = "write", Value = d.Writes },
            }),
        ],
    };
}
