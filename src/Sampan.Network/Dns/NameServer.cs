using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Sampan.Linux;
using Sampan.Linux.Io;

namespace Sampan.Network.Dns;

/// <summary>
/// The resolver of one container: two sockets that live in its network namespace and are served here. Owned by the
/// service from the container's first network with names until its namespace goes. Datagrams are served on the thread of all
/// resolvers, streams and what is asked outside by the pool. Somebody who outlives the daemon may keep copies of the sockets: what is asked while
/// there is no daemon waits in them for the next one (docs/adr/0016).
/// </summary>
internal sealed class NameServer : IAsyncDisposable, IPollHandler
{
    /// <summary>Where containers ask, on port 53; the packet filter inside leads to the port that was free.</summary>
    internal static readonly IPAddress Address = new([127, 0, 0, 11]);

    private const int LongestDatagram = 4096;
    private const int MostForwarded = 256;
    private const int MostConnections = 64;
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly string _containerId;
    private readonly Func<NameDirectory> _directory;
    private readonly Func<IReadOnlyList<IPEndPoint>> _servers;
    private readonly Upstream _upstream;
    private readonly QuestionThread _questions;
    private readonly TimeProvider _time;
    private readonly Socket _datagrams;
    private readonly SafeFd _heard;
    private readonly SocketAddress _from = new(AddressFamily.InterNetwork);
    private readonly Socket _streams;
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationToken _end;
    private readonly SemaphoreSlim _forwards = new(MostForwarded);
    private readonly SemaphoreSlim _connections = new(MostConnections);
    private readonly Task _serving;

    /// <summary>Takes over two sockets.</summary>
    /// <param name="containerId">Whose resolver it is.</param>
    /// <param name="sockets">A socket of datagrams and one of streams in the container's namespace, which listen.</param>
    /// <param name="directory">Who is called what, now.</param>
    /// <param name="servers">Whom to ask outside, now.</param>
    /// <param name="upstream">Asks them.</param>
    /// <param name="questions">Where datagrams are heard.</param>
    /// <param name="time">The clock for its pauses.</param>
    internal NameServer(string containerId, (Socket Datagrams, Socket Streams) sockets, Func<NameDirectory> directory, Func<IReadOnlyList<IPEndPoint>> servers, Upstream upstream, QuestionThread questions, TimeProvider time)
    {
        (_containerId, _directory, _servers, _upstream, _questions, _time) = (containerId, directory, servers, upstream, questions, time);
        (_datagrams, _streams) = sockets;
        _end = _closing.Token;
        // What made the socket ready may turn out to be damaged: nobody waits for the next one then.
        _datagrams.Blocking = false;
        Ports = ((ushort)((IPEndPoint)_datagrams.LocalEndPoint!).Port, (ushort)((IPEndPoint)_streams.LocalEndPoint!).Port);
        _heard = new SafeFd((int)_datagrams.SafeHandle.DangerousGetHandle(), ownsHandle: false);
        _questions.Add(_heard, this);
        _serving = Task.Run(ServeStreamsAsync, CancellationToken.None);
    }

    /// <summary>Makes sockets that are fresh from the kernel listen.</summary>
    internal static (Socket Datagrams, Socket Streams) Listen(Socket datagrams, Socket streams)
    {
        datagrams.Bind(new IPEndPoint(Address, 0));
        streams.Bind(new IPEndPoint(Address, 0));
        streams.Listen(MostConnections);
        return (datagrams, streams);
    }

    /// <summary>The sockets that an earlier daemon had listen and somebody kept; null: they are something else.</summary>
    /// <param name="kept">Belong to the sockets from now on, or are closed.</param>
    internal static (Socket Datagrams, Socket Streams)? Of(IReadOnlyList<SafeFileHandle> kept)
    {
        List<Socket> sockets = [];
        foreach (var file in kept)
        {
            var handle = new SafeSocketHandle(file.DangerousGetHandle(), ownsHandle: true);
            file.SetHandleAsInvalid();
            try
            {
                sockets.Add(new Socket(handle));
            }
            catch (SocketException)
            {
                handle.Dispose(); // no socket
            }
        }

        if (sockets is [{ SocketType: SocketType.Dgram, LocalEndPoint: IPEndPoint one } datagrams, { SocketType: SocketType.Stream, LocalEndPoint: IPEndPoint other } streams]
            && one.Address.Equals(Address) && other.Address.Equals(Address))
            return (datagrams, streams);
        sockets.ForEach(socket => socket.Dispose());
        return null;
    }

    /// <summary>Copies of the sockets, for somebody to keep.</summary>
    internal IReadOnlyList<SafeHandle> Copies() => [ByteChannel.Duplicate(_heard), Copy(_streams)];

    private static SafeFd Copy(Socket socket)
    {
        using var number = new SafeFd((int)socket.SafeHandle.DangerousGetHandle(), ownsHandle: false);
        return ByteChannel.Duplicate(number);
    }

    /// <summary>The ports in force.</summary>
    internal (ushort Datagrams, ushort Streams) Ports { get; }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _questions.RemoveAsync(_heard).ConfigureAwait(false);
        // Nobody waits at it any more when it is closed: otherwise .NET would shut the socket itself down, and with it the copy that is kept.
        await _serving.ConfigureAwait(false);
        _heard.Dispose();
        _datagrams.Dispose();
        _streams.Dispose();
        for (var i = 0; i < MostForwarded; i++)
            await _forwards.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        for (var i = 0; i < MostConnections; i++)
            await _connections.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        _forwards.Dispose();
        _connections.Dispose();
        _closing.Dispose();
    }

    void IPollHandler.OnReady(SafeFd descriptor, PollEvents events)
    {
        Span<byte> buffer = stackalloc byte[LongestDatagram];
        try
        {
            var message = buffer[.._datagrams.ReceiveFrom(buffer, SocketFlags.None, _from)];
            if (!DnsQuery.TryParse(message, out var query))
                return; // nobody to answer to, or not a question
            if (Here(query, message, query.DatagramBytes) is { } answer)
                Send(answer, _from);
            else
                Forward(query, message, _from);
        }
        catch (SocketException)
        {
            // What is wrong with one datagram is not wrong with the next.
        }
    }

    private void Send(ReadOnlySpan<byte> answer, SocketAddress to)
    {
        try
        {
            _datagrams.SendTo(answer, SocketFlags.None, to);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // The one who asked is gone, or we are.
        }
    }

    private void Forward(DnsQuery query, ReadOnlySpan<byte> message, SocketAddress from)
    {
        if (!_forwards.Wait(0, CancellationToken.None))
        {
            Send(DnsAnswer.Empty(query, message, DnsAnswer.ServerFailure), from);
            return;
        }

        var own = message.ToArray();
        var to = new SocketAddress(from.Family, from.Size);
        from.Buffer.Span[..from.Size].CopyTo(to.Buffer.Span);
        _ = Task.Run(ForwardAsync, CancellationToken.None);

        async Task ForwardAsync()
        {
            try
            {
                var answer = await OutsideAsync(query, own, byStream: false).ConfigureAwait(false);
                Send(answer.Length > Math.Max(query.DatagramBytes, 512) ? DnsAnswer.CutOff(query, own) : answer, to);
            }
            finally
            {
                _forwards.Release();
            }
        }
    }

    private async Task ServeStreamsAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var connection = await _streams.AcceptAsync(_end).ConfigureAwait(false);
                if (_connections.Wait(0, CancellationToken.None))
                    _ = ConverseAsync(connection);
                else
                    connection.Dispose();
            }
            catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException ended) when (ended.SocketErrorCode is SocketError.ConnectionAborted or SocketError.ConnectionReset)
            {
                // It ended before it was taken.
            }
            catch (SocketException)
            {
                // No descriptors, no memory: for as long as that lasts, who tries again at once keeps a processor busy.
                await Task.Delay(s_pause, _time, _end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ConverseAsync(Socket connection)
    {
        try
        {
            await using var stream = new NetworkStream(connection, ownsSocket: true);
            while (true)
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(_end);
                patience.CancelAfter(s_idle);
                var message = await DnsStream.ReadAsync(stream, patience.Token).ConfigureAwait(false);
                if (message is null || !DnsQuery.TryParse(message, out var query))
                    return;
                var answer = Here(query, message, ushort.MaxValue) ?? await OutsideAsync(query, message, byStream: true).ConfigureAwait(false);
                await DnsStream.WriteAsync(stream, answer, patience.Token).ConfigureAwait(false);
            }
        }
        catch (Exception ended) when (ended is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // It was closed, by either side.
        }
        finally
        {
            _connections.Release();
        }
    }

    /// <summary>The answer about names of containers; null: the name is none of theirs.</summary>
    private byte[]? Here(DnsQuery query, ReadOnlySpan<byte> message, int maxBytes)
    {
        const int internet = 1;
        if (query.Class != internet)
            return null;
        if (query.Type == DnsAnswer.Ptr)
            return ReverseName.TryParse(query.Name, out var address) && _directory().FindName(_containerId, address) is { } name ? DnsAnswer.Name(query, message, name) : null;
        if (_directory().Find(_containerId, query.Name) is not { } addresses)
            return null;

        // A name of ours has no records of other types: others need not know that it was asked for.
        if (query.Type is not (DnsAnswer.A or DnsAnswer.Aaaa))
            return DnsAnswer.Empty(query, message, DnsAnswer.NoError);
        var version = query.Type == DnsAnswer.A ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        addresses = [.. addresses.Where(a => a.AddressFamily == version)];
        var first = addresses.Count > 1 ? RandomNumberGenerator.GetInt32(addresses.Count) : 0;
        return DnsAnswer.Addresses(query, message, [.. addresses.Skip(first), .. addresses.Take(first)], maxBytes);
    }

    private async Task<byte[]> OutsideAsync(DnsQuery query, ReadOnlyMemory<byte> message, bool byStream)
    {
        var servers = _directory().MayAskOutside(_containerId) ? _servers() : [];
        byte[]? answer = null;
        try
        {
            answer = servers.Count == 0 ? null : await _upstream.AskAsync(servers, query, message, byStream, _end).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The container is gone: nobody reads the answer.
        }

        return answer ?? DnsAnswer.Empty(query, message.Span, DnsAnswer.ServerFailure);
    }
}
