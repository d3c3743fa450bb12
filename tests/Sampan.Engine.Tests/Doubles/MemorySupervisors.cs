using System.Collections.Concurrent;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Supervision;

namespace Sampan.Engine.Tests.Doubles;

/// <summary>The in-memory kind of supervisors: containers are objects, their programs are what the test does with them.</summary>
internal sealed class MemorySupervisors : ISupervisors
{
    private int _nextPid = 1000;

    public ConcurrentDictionary<string, MemorySupervisor> Living { get; } = new();

    public ConcurrentDictionary<string, ExitStatus> LastWords { get; } = new();

    public List<LaunchOrder> Orders { get; } = [];

    /// <summary>What else happens at a launch.</summary>
    public Action<LaunchOrder>? Launched { get; set; }

    /// <summary>Thrown by the next launch.</summary>
    public Exception? LaunchFailure { get; set; }

    /// <summary>Thrown by the next start.</summary>
    public Exception? StartFailure { get; set; }

    public Task<ISupervisor> LaunchAsync(LaunchOrder order, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (LaunchFailure is { } failure)
            return Task.FromException<ISupervisor>(failure);
        lock (Orders)
            Orders.Add(order);
        var supervisor = new MemorySupervisor(this, order, Interlocked.Increment(ref _nextPid));
        Living[order.StateDirectory] = supervisor;
        Launched?.Invoke(order);
        return Task.FromResult<ISupervisor>(supervisor);
    }

    public Task<ISupervisor?> ConnectAsync(string stateDirectory, CancellationToken ct) =>
        Task.FromResult<ISupervisor?>(Living.GetValueOrDefault(stateDirectory));

    public ExitStatus? ReadExit(string stateDirectory) => LastWords.GetValueOrDefault(stateDirectory);

    public MemorySupervisor Of(string containerId) => Living.Values.Single(s => s.Order.Id == containerId);
}
