using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Sampan.Network;

namespace Sampan.Engine.Networks;

/// <summary>
/// Puts containers on networks. Two kinds exist: the kernel's (<c>NetworkService</c>) and the in-memory one of the engine's tests.
/// A life: adopt those who live → connect → (wired) → disconnect …; at the end release all, when nobody lives any more.
/// </summary>
internal interface INetworks : IAsyncDisposable
{
    /// <summary>All networks.</summary>
    IReadOnlyList<NetworkRecord> Networks { get; }

    /// <summary>The namespaces made ahead.</summary>
    PoolState Pool { get; }

    /// <summary>Connects a container; see <see cref="NetworkAttachment.Wired"/>.</summary>
    Task<NetworkAttachment> ConnectAsync(EndpointRequest request, CancellationToken ct);

    /// <summary>Makes a network.</summary>
    Task<NetworkRecord> CreateAsync(NetworkRequest request, CancellationToken ct);

    /// <summary>Removes a network, by its id, that no container is on.</summary>
    Task RemoveAsync(string networkId, CancellationToken ct);

    /// <summary>Takes a container off one of its networks.</summary>
    Task DisconnectAsync(string containerId, string networkId, CancellationToken ct);

    /// <summary>Publishes further ports of a container and withdraws others, while it runs.</summary>
    Task<IReadOnlyList<PortMapping>> ChangePortsAsync(string containerId, IReadOnlyList<PortRequest> add, IReadOnlyList<HostPort> remove, CancellationToken ct);

    /// <summary>Decides whether a container of a service is given new connections, by the answer when it is this change's turn.</summary>
    Task SetReadyAsync(string containerId, Func<bool> isReady);

    /// <summary>How many connections to a container are open that came by way of the host.</summary>
    Task<int> CountConnectionsAsync(string containerId);

    /// <summary>A service has no containers any more.</summary>
    Task ForgetServiceAsync(string name);

    /// <summary>A container has another name from now on.</summary>
    Task RenameAsync(string containerId, string name, CancellationToken ct);

    /// <summary>Disconnects a container from all networks; one that is not connected is no error.</summary>
    Task DisconnectAsync(string containerId, CancellationToken ct);

    /// <summary>Copies of the sockets at which a container asks for names, the caller's, to be kept for the next daemon; empty: it has none.</summary>
    Task<IReadOnlyList<SafeHandle>> CopyNameSocketsAsync(string containerId);

    /// <summary>Keeps these containers' connections and drops all others'; with what was kept of <see cref="CopyNameSocketsAsync"/>.</summary>
    Task AdoptAsync(IReadOnlyCollection<string> liveContainerIds, IReadOnlyDictionary<string, IReadOnlyList<SafeFileHandle>> kept, CancellationToken ct);

    /// <summary>Removes what all networks share: bridge and firewall.</summary>
    Task ReleaseAllAsync(CancellationToken ct);
}
