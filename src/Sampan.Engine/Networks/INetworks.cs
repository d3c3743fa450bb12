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

    /// <summary>Connects a container; see <see cref="NetworkAttachment.Wired"/>.</summary>
    Task<NetworkAttachment> ConnectAsync(EndpointRequest request, CancellationToken ct);

    /// <summary>Disconnects a container; one that is not connected is no error.</summary>
    Task DisconnectAsync(string containerId, CancellationToken ct);

    /// <summary>Keeps these containers' connections and drops all others'.</summary>
    Task AdoptAsync(IReadOnlyCollection<string> liveContainerIds, CancellationToken ct);

    /// <summary>Removes what all networks share: bridge and firewall.</summary>
    Task ReleaseAllAsync(CancellationToken ct);
}
