using System.Net;

namespace Sampan.Server.Gateway;

/// <summary>
/// One container behind the gateway, with the connections to it. Whoever cannot be reached is left out for a while, longer each
/// time; whoever drains or is gone is given nothing new, and its connections are closed when the last request is answered.
/// </summary>
internal sealed class Replica : IDisposable
{
    private static readonly TimeSpan s_connect = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);
    private const int FailedProbes = 2;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _invoker;
    private int _running;
    private int _failures;
    private int _probes;
    private long _outUntil;
    private volatile bool _retired;

    internal Replica(string containerId, IPEndPoint address, TimeProvider time)
    {
        (ContainerId, Address, _time) = (containerId, address, time);
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = s_connect,
            PooledConnectionIdleTimeout = s_idle,
            MaxResponseHeadersLength = 64,
            EnableMultipleHttp2Connections = false,
        });
    }

    /// <summary>The container.</summary>
    internal string ContainerId { get; }

    /// <summary>Where it answers.</summary>
    internal IPEndPoint Address { get; }

    /// <summary>How many requests it is working on.</summary>
    internal int Running => Volatile.Read(ref _running);

    /// <summary>It drains, or is gone.</summary>
    internal bool IsRetired => _retired;

    /// <summary>It could be reached lately, and answers its probe if there is one.</summary>
    internal bool IsWell => !_retired && Volatile.Read(ref _probes) < FailedProbes && _time.GetUtcNow().Ticks >= Interlocked.Read(ref _outUntil);

    /// <summary>Sends a request.</summary>
    internal Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct) => _invoker.SendAsync(request, ct);

    /// <summary>A request is to be sent; false: it drains, or is gone. Who gets true calls <see cref="End"/>.</summary>
    internal bool TryBegin()
    {
        lock (_gate)
        {
            if (_retired)
                return false;
            _running++;
            return true;
        }
    }

    /// <summary>A request is over.</summary>
    internal void End()
    {
        lock (_gate)
        {
            if (--_running > 0 || !_retired)
                return;
        }

        Dispose();
    }

    /// <summary>It could not be reached.</summary>
    internal void Fail()
    {
        var failures = Math.Min(Interlocked.Increment(ref _failures), 16);
        var pause = TimeSpan.FromTicks(Math.Min(s_longest.Ticks, s_shortest.Ticks << (failures - 1)));
        Interlocked.Exchange(ref _outUntil, (_time.GetUtcNow() + pause).Ticks);
    }

    /// <summary>It answered.</summary>
    internal void Succeed()
    {
        if (Volatile.Read(ref _failures) != 0)
            Interlocked.Exchange(ref _failures, 0);
    }

    /// <summary>The result of a probe; true if that made a difference.</summary>
    internal bool Probed(bool well)
    {
        var before = Volatile.Read(ref _probes);
        Volatile.Write(ref _probes, well ? 0 : Math.Min(before + 1, FailedProbes));
        if (well)
            Interlocked.Exchange(ref _outUntil, 0);
        return well != before < FailedProbes;
    }

    /// <summary>Nothing new is given to it. What runs goes on: connections that are taken away while they are made break requests that another could answer.</summary>
    internal void Retire()
    {
        lock (_gate)
        {
            _retired = true;
            if (_running > 0)
                return;
        }

        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _invoker.Dispose();
}
