using System.Runtime.ExceptionServices;
using Sampan.Linux;
using Sampan.Linux.Netlink.Route;
using Sampan.Linux.Processes;

namespace Sampan.Network.Bridges;

/// <summary>
/// Removes links without waiting for what comes after them. A link is down and out of its namespace in a few milliseconds, with its name, addresses and routes;
/// the kernel answers only some forty later, when it is certain that nobody remembers the link. The first is waited for, the second by a
/// thread each, which this joins at its end; who changes links meanwhile waits for the kernel's lock. Belongs to the host thread.
/// </summary>
internal sealed class LinkRemoval : IDisposable
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(1);
    private readonly List<Thread> _waiting = [];

    /// <summary>Removes a link that may be going already, with its namespace.</summary>
    /// <param name="route">The host's links.</param>
    /// <param name="link">The link.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal void Remove(RouteSocket route, Link link)
    {
        ExceptionDispatchInfo? failure = null;
        Thread thread;
        try
        {
            thread = OwnThread.Start("link removal", () =>
            {
                FailPoint.StandAside();
                try
                {
                    // The host's links, too: a thread begins in the namespace of the one that starts it.
                    using var own = RouteSocket.Open();
                    Delete(own, link);
                }
                catch (LinuxException refused)
                {
                    failure = ExceptionDispatchInfo.Capture(refused);
                }
            });
        }
        catch (LinuxException none) when (none.Errno == Errno.EAGAIN)
        {
            Delete(route, link); // without a thread to be had, the kernel is waited for
            return;
        }

        while (!thread.Join(s_look))
        {
            if (route.HasLink(link.Index))
                continue;
            _waiting.RemoveAll(t => !t.IsAlive);
            _waiting.Add(thread);
            return;
        }

        failure?.Throw();
    }

    private static void Delete(RouteSocket route, Link link)
    {
        try
        {
            route.Commit(new RouteBatch().DeleteLink(link.Index));
        }
        catch (LinuxException gone) when (gone.Errno == Errno.ENODEV)
        {
            // The kernel was quicker: its end in a dropped namespace took it along.
        }
    }

    /// <summary>Waits for the kernel.</summary>
    public void Dispose()
    {
        foreach (var thread in _waiting)
            thread.Join();
        _waiting.Clear();
    }
}
