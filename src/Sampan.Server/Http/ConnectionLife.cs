using Microsoft.AspNetCore.Connections;

namespace Sampan.Server.Http;

/// <summary>
/// Keeps a hijacked connection alive when the client closes only its sending half.
/// Kestrel takes the end of a client's input for the end of the connection and aborts it. Docker's clients close their
/// sending half at the end of standard input and go on reading (<c>echo hi | docker run -i busybox cat</c>), so between
/// the transport and Kestrel the signal "closed" is held back once a handler has taken the connection over.
/// </summary>
internal sealed class ConnectionLife
{
    private readonly CancellationTokenSource _closed = new();
    private readonly Lock _gate = new();
    private bool _hijacked;

    /// <summary>The middleware for each listening address.</summary>
    internal static Func<ConnectionDelegate, ConnectionDelegate> Middleware { get; } = next => async connection =>
    {
        var life = new ConnectionLife();
        using var link = connection.ConnectionClosed.UnsafeRegister(static state => ((ConnectionLife)state!).InputEnded(), life);
        connection.Features.Set(life);
        connection.ConnectionClosed = life._closed.Token;
        await next(connection).ConfigureAwait(false);
    };

    /// <summary>From now on the end of input says nothing about the connection.</summary>
    internal void Hijack()
    {
        lock (_gate)
            _hijacked = true;
    }

    private void InputEnded()
    {
        lock (_gate)
        {
            if (_hijacked)
                return;
        }

        _closed.Cancel();
    }
}
