namespace Sampan.Linux.Io;

/// <summary>
/// Somebody who waits for a descriptor. It is watched by <see cref="EventPoll.Watch"/>, called each time the descriptor is ready (again and again
/// until it has taken what is there), and never called after <see cref="EventPoll.Forget"/>, which must come before the descriptor is closed.
/// </summary>
public interface IPollHandler
{
    /// <summary>The descriptor is ready. Runs on the thread of <see cref="EventPoll.Wait"/>.</summary>
    void OnReady(SafeFd descriptor, PollEvents events);
}
