using Sampan.Linux;

namespace Sampan.Runtime.Observation;

/// <summary>The threads and processes that this process may make.</summary>
public static class OwnThreads
{
    /// <summary>True if a failure, or what caused it, is the want of a thread or a process.</summary>
    public static bool IsShortage(Exception failure) => failure switch
    {
        // What .NET says if the kernel gives it no thread; TaskSchedulerException has it inside.
        OutOfMemoryException or ThreadStartException => true,
        RuntimeException { Step: SupervisorClient.LaunchStep, InnerException: LinuxException { Errno: Errno.EAGAIN } } => true,
        AggregateException many => many.InnerExceptions.Any(IsShortage),
        { InnerException: { } cause } => IsShortage(cause),
        _ => false,
    };
}
