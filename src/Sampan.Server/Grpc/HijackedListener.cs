using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Sampan.Server.Grpc;

/// <summary>Where nobody can connect: it has one connection, which is there already.</summary>
internal sealed class HijackedListener(HijackedConnection connection) : IConnectionListenerFactory, IConnectionListener
{
    private readonly TaskCompletionSource<ConnectionContext?> _unbound = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HijackedConnection? _connection = connection;

    /// <summary>The address that Kestrel needs one of.</summary>
    internal static EndPoint Address { get; } = new DnsEndPoint("hijacked", 0);

    /// <inheritdoc/>
    public EndPoint EndPoint => Address;

    /// <inheritdoc/>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => ValueTask.FromResult<IConnectionListener>(this);

    /// <inheritdoc/>
    public ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        Interlocked.Exchange(ref _connection, null) is { } connection ? ValueTask.FromResult<ConnectionContext?>(connection) : new(_unbound.Task);

    /// <inheritdoc/>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _unbound.TrySetResult(null);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => UnbindAsync(CancellationToken.None);
}
