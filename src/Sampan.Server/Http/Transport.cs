using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace Sampan.Server.Http;

/// <summary>The way from sockets to Kestrel, as all our servers have it.</summary>
internal sealed class Transport : IConnectionListenerFactory
{
    private readonly Func<EndPoint, ApiListener> _bound;
    private readonly Func<ApiListener, Sparing> _sparing;
    private readonly SocketConnectionContextFactory _connections;

    private Transport(Func<EndPoint, ApiListener> bound, Func<ApiListener, Sparing> sparing, SocketConnectionContextFactory connections) =>
        (_bound, _sparing, _connections) = (bound, sparing, connections);

    /// <summary>Makes the transport.</summary>
    /// <param name="bound">The socket that is bound to an address already.</param>
    /// <param name="sparing">What is done at an address with few descriptors left.</param>
    /// <param name="logs">Where it logs.</param>
    /// <param name="maxWriteBuffer">Bytes that may wait for the socket; null: Kestrel's own number.</param>
    internal static Transport Create(Func<EndPoint, ApiListener> bound, Func<ApiListener, Sparing> sparing, ILoggerFactory logs, long? maxWriteBuffer = null)
    {
        var options = new SocketTransportOptions
        {
            // An idle connection keeps 4 KiB; otherwise each 4 KiB of a body of gigabytes cost a second call, which only looks.
            WaitForDataBeforeAllocatingBuffer = false,
        };
        if (maxWriteBuffer is { } bytes)
            options.MaxWriteBufferSize = bytes;
        // Kestrel would reset a TCP connection that it is told to abort, as hijacked ones are in the end: what the client has not got
        // yet would be lost to it, and it would report a failure. The public switch counts only if nobody in the process made options before.
        SetFinOnError(options, true);
        return new Transport(bound, sparing, new SocketConnectionContextFactory(OptionsOf(options), logs.CreateLogger("connections")));
    }

    /// <inheritdoc/>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = _bound(endpoint);
        return ValueTask.FromResult<IConnectionListener>(new SparingListener(listener.Socket, _connections, _sparing(listener)));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_FinOnError")]
    private static extern void SetFinOnError(SocketTransportOptions options, bool value);

    // As Kestrel's own transport does; what is made otherwise does not heed it.
    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern SocketConnectionFactoryOptions OptionsOf(SocketTransportOptions options);
}
