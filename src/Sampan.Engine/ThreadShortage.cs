using Sampan.Runtime.Observation;

namespace Sampan.Engine;

/// <summary>What the engine says when the kernel gives it no thread, or no process.</summary>
public static class ThreadShortage
{
    private const string Advice = "the daemon's control group or the machine has as many processes and threads as it may, or no memory for more: end some, or let it have more ('TasksMax=' of its unit, 'pids.max', 'kernel.threads-max')";

    /// <summary>What is wrong, in the failure's words if they say something, and what to do about it.</summary>
    public static string Describe(Exception failure) =>
        failure is TaskSchedulerException or OutOfMemoryException or ThreadStartException or AggregateException ? $"resource temporarily unavailable: {Advice}" : $"{failure.Message}: {Advice}";

    /// <summary>True if a failure, or what caused it, is the want of a thread or a process.</summary>
    public static bool IsCauseOf(Exception failure) => OwnThreads.IsShortage(failure);
}
