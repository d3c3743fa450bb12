namespace Sampand.Host;

/// <summary>Threads of .NET's pool that are always there.</summary>
internal static class PoolThreads
{
    private const int Most = 4;

    // So many requests may wait for a disk or the kernel at once before another has to wait until .NET makes a further thread, which takes it half a second.
    private const int AtOnce = 16;

    // Read by PortableThreadPool.WorkerThread, when the pool makes its first thread.
    private const string KeptAlive = "System.Threading.ThreadPool.ThreadsToKeepAlive";

    /// <summary>
    /// Makes some, and has the pool keep them: otherwise all of them end when nothing happens for a while, and if the kernel gives none for the next request, because of
    /// a control group's limit, say, .NET ends the process. Before anything else uses the pool.
    /// </summary>
    internal static void Keep()
    {
        ThreadPool.GetMinThreads(out var workers, out var completions);
        ThreadPool.SetMinThreads(Math.Max(workers, AtOnce), completions);
        var kept = Math.Min(Environment.ProcessorCount, Most);
        AppContext.SetData(KeptAlive, $"{kept}");
        var meeting = new Meeting { Missing = kept };
        for (var i = 0; i < kept; i++)
            ThreadPool.UnsafeQueueUserWorkItem(static met => met.Join(isOne: true), meeting, preferLocal: false);
        meeting.Join(isOne: false);
    }

    // Nobody goes on before all are there: each has a thread of its own.
    private sealed class Meeting
    {
        private readonly object _gate = new();

        internal required int Missing { get; set; }

        internal void Join(bool isOne)
        {
            lock (_gate)
            {
                Missing -= isOne ? 1 : 0;
                Monitor.PulseAll(_gate);
                while (Missing > 0)
                    Monitor.Wait(_gate);
            }
        }
    }
}
