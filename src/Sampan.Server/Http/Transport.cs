using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Sampan.Server.Http;

/// <summary>Kestrel's sockets, as the servers here want them.</summary>
internal static class Transport
{
    /// <summary>Makes the transport.</summary>
    /// <param name="bound">The socket that is bound to an address already.</param>
    /// <param name="logs">Where it logs.</param>
    /// <param name="maxWriteBuffer">Bytes that may wait for the socket; null: Kestrel's own number.</param>
    internal static SocketTransportFactory Create(Func<EndPoint, Socket> bound, ILoggerFactory logs, long? maxWriteBuffer = null)
    {
        // Kestrel would reset a TCP connection that it is told to abort, as hijacked ones are in the end: what the client has not got
        // yet would be lost to it, and it would report a failure. The switch is read once, when the first options are made.
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.FinOnError", true);
        var options = new SocketTransportOptions
        {
            CreateBoundListenSocket = bound,
            // An idle connection keeps 4 KiB; otherwise each 4 KiB of a body of gigabytes cost a second call, which only looks.
            WaitForDataBeforeAllocatingBuffer = false,
        };
        if (maxWriteBuffer is { } bytes)
            options.MaxWriteBufferSize = bytes;
        return new SocketTransportFactory(Options.Create(options), logs);
    }
}
