using Sampan.Linux.Netlink.Route;

namespace Sampan.Linux.Netlink;

/// <summary>A network namespace that was just made: it lives as long as this, a process in it, or a path that keeps it.</summary>
/// <param name="Descriptor">The namespace.</param>
/// <param name="Route">Its links, addresses and routes, usable from outside.</param>
public sealed record NewNamespace(SafeFd Descriptor, RouteSocket Route) : IDisposable
{
    /// <summary>Lets go of the namespace.</summary>
    public void Dispose()
    {
        Route.Dispose();
        Descriptor.Dispose();
    }
}
