using System.Runtime.CompilerServices;
using Sampan.Engine.Containers.Processes;
using Sampan.Runtime.Observation;

namespace Sampan.Engine.Containers;

/// <content>Usage.</content>
public sealed partial class ContainerOperations
{
    /// <summary>Between the samples of those who look on.</summary>
    public static TimeSpan StatsInterval { get; } = TimeSpan.FromSeconds(1);

    /// <summary>Between two samples whose difference alone is wanted: 25 ticks of the machine's clock for each processor.</summary>
    public static TimeSpan ShortStatsInterval { get; } = TimeSpan.FromMilliseconds(250);

    /// <summary>What a container uses. One that does not run has used nothing: zeros.</summary>
    /// <param name="idOrName">Which.</param>
    /// <param name="interval">Between one sample and the next, until the container is removed; null: a single one.</param>
    /// <param name="ct">Ends it.</param>
    public async IAsyncEnumerable<ContainerStats> StatsAsync(string idOrName, TimeSpan? interval, [EnumeratorCancellation] CancellationToken ct)
    {
        var container = _parts.Registry.Get(idOrName);
        while (true)
        {
            yield return Sample(container.Current);
            if (interval is not { } pause)
                yield break;
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct, container.Gone);
            await Task.Delay(pause, _parts.Time, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ending.IsCancellationRequested)
                yield break;
        }
    }

    private ContainerStats Sample(ContainerSnapshot container)
    {
        var time = _parts.Time.GetUtcNow();
        if (container.State.ProcessId is not { } pid)
            return new ContainerStats { Time = time };
        ContainerUsage usage;
        try
        {
            var shares = container.Spec.Network.Mode == "host";
            usage = ContainerUsage.Read(container.CgroupPath ?? _parts.CgroupPath(container), shares ? null : pid);
        }
        catch (Runtime.RuntimeException)
        {
            // It ended between the two looks at it.
            return new ContainerStats { Time = time };
        }

        return new ContainerStats
        {
            Time = time,
            Cpu = (usage.CpuTotal, usage.CpuUser, usage.CpuSystem),
            CpuPerProcessor = usage.CpuPerProcessor,
            MachineCpu = HostFacts.CpuNanoseconds(),
            Processors = Environment.ProcessorCount,
            Throttling = usage.Throttling,
            Memory = usage.Memory,
            MemoryMax = usage.MemoryMax,
            // The kernel's "no limit" is a number larger than any machine's memory.
            MemoryLimit = Math.Min(usage.MemoryLimit ?? ulong.MaxValue, (ulong)HostFacts.MemoryBytes()),
            MemoryFailures = usage.MemoryFailures,
            MemoryDetails = usage.MemoryDetails,
            Pids = usage.Pids,
            PidsLimit = usage.PidsLimit,
            BlockIo = usage.BlockIo,
            Interfaces = usage.Interfaces,
        };
    }
}
