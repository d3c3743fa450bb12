using System.Net;
using System.Net.Sockets;

namespace Sampan.Server;

/// <summary>An address that the API is served on.</summary>
/// <param name="Address">A path of a Unix socket, or an address and port of TCP.</param>
/// <param name="Socket">Bound to that address already, by whoever knows its owner and mode; not listening yet.</param>
public sealed record ApiListener(EndPoint Address, Socket Socket)
{
    /// <summary>What is spoken there is TLS; null: it is not.</summary>
    public ApiTls? Tls { get; init; }
}
