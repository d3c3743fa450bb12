using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Sampan.Network;

namespace Sampan.Engine.Networks;

/// <summary>The real kind of networks: the kernel's, by <see cref="NetworkService"/>.</summary>
internal sealed class KernelNetworks(NetworkService service) : INetworks
{
    /// <inheritdoc/>
    public IReadOnlyList<NetworkRecord> Networks => service.Networks;

    /// <inheritdoc/>
    public PoolState Pool => service.Pool;

    /// <inheritdoc/>
    public Task<NetworkAttachment> ConnectAsync(EndpointRequest request, CancellationToken ct) => service.ConnectAsync(request, ct);

    /// <inheritdoc/>
    public Task DisconnectAsync(string containerId, CancellationToken ct) => service.DisconnectAsync(containerId, ct);

    /// <inheritdoc/>
    public Task<NetworkRecord> CreateAsync(NetworkRequest request, CancellationToken ct) => service.CreateAsync(request, ct);

    /// <inheritdoc/>
    public Task RemoveAsync(string networkId, CancellationToken ct) => service.RemoveAsync(networkId, ct);

    /// <inheritdoc/>
    public Task DisconnectAsync(string containerId, string networkId, CancellationToken ct) => service.DisconnectAsync(containerId, networkId, ct);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PortMapping>> ChangePortsAsync(string containerId, IReadOnlyList<PortRequest> add, IReadOnlyList<HostPort> remove, CancellationToken ct) => service.ChangePortsAsync(containerId, add, remove, ct);

    /// <inheritdoc/>
    public Task SetReadyAsync(string containerId, Func<bool> isReady) => service.SetReadyAsync(containerId, isReady);

    /// <inheritdoc/>
    public Task<int> CountConnectionsAsync(string containerId) => service.CountConnectionsAsync(containerId);

    /// <inheritdoc/>
    public Task ForgetServiceAsync(string name) => service.ForgetServiceAsync(name);

    /// <inheritdoc/>
    public Task RenameAsync(string containerId, string name, CancellationToken ct) => service.RenameAsync(containerId, name, ct);

    /// <inheritdoc/>
    public Task<IReadOnlyList<SafeHandle>> CopyNameSocketsAsync(string containerId) => service.CopyNameSocketsAsync(containerId);

    /// <inheritdoc/>
    public Task AdoptAsync(IReadOnlyCollection<string> liveContainerIds, IReadOnlyDictionary<string, IReadOnlyList<SafeFileHandle>> kept, CancellationToken ct) => service.AdoptAsync(liveContainerIds, kept, ct);

    /// <inheritdoc/>
    public Task ReleaseAllAsync(CancellationToken ct) => service.ReleaseAllAsync(ct);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => service.DisposeAsync();
}
