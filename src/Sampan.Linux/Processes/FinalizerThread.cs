namespace Sampan.Linux.Processes;

/// <summary>
/// The thread of .NET that runs finalizers, which <c>sampan</c> and <c>sampan-runtime</c> begin without (<see cref="RuntimeEntry"/>): most of their processes
/// end before there would be anything for it to do.
/// </summary>
public static class FinalizerThread
{
    /// <summary>Starts it, for a program that will run for long; where it runs already, as in any other program, nothing happens. Not to be called twice at once.</summary>
    public static void Begin() => RuntimeEntry.BeginFinalizing();
}
