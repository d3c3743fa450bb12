using System.Net;
using System.Net.Sockets;
using Sampan.Network.Dns;

namespace Sampan.Network.Tests.Dns;

/// <summary>A name server outside, by datagrams and by streams on one port of the loopback. It answers what the test says; null: nothing.</summary>
internal sealed class OutsideServer : IAsyncDisposable
{
    private readonly Func<DnsQuery, byte[], byte[]?> _answer;
    private readonly Socket _streams;
    private readonly Socket _datagrams;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _serving;
    private int _asked;

    internal OutsideServer(Func<DnsQuery, byte[], byte[]?> answer)
    {
        _answer = answer;
        (_streams, _datagrams) = Bind();
        _streams.Listen();
        Address = (IPEndPoint)_datagrams.LocalEndPoint!;
        _serving = Task.WhenAll(OfDatagramsAsync(), OfStreamsAsync());
    }

    internal IPEndPoint Address { get; }

    /// <summary>How many questions came.</summary>
    internal int Asked => Volatile.Read(ref _asked);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _serving;
        _streams.Dispose();
        _datagrams.Dispose();
        _end.Dispose();
    }

    // The port of one kind that is free may be taken in the other.
    private static (Socket Streams, Socket Datagrams) Bind()
    {
        for (var left = 100; ; left--)
        {
            var streams = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            var datagrams = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                streams.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                datagrams.Bind(streams.LocalEndPoint!);
                return (streams, datagrams);
            }
            catch (SocketException) when (left > 0)
            {
                streams.Dispose();
                datagrams.Dispose();
            }
        }
    }

    private byte[]? Answer(byte[] question)
    {
        Interlocked.Increment(ref _asked);
        return DnsQuery.TryParse(question, out var query) ? _answer(query, question) : null;
    }

    private async Task OfDatagramsAsync()
    {
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var question = await _datagrams.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _end.Token);
                if (Answer(buffer[..question.ReceivedBytes]) is { } answer)
                    await _datagrams.SendToAsync(answer, question.RemoteEndPoint, _end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The test has seen enough.
        }
    }

    private async Task OfStreamsAsync()
    {
        try
        {
            while (true)
            {
                await using var stream = new NetworkStream(await _streams.AcceptAsync(_end.Token), ownsSocket: true);
                if (await DnsStream.ReadAsync(stream, _end.Token) is { } question && Answer(question) is { } answer)
                    await DnsStream.WriteAsync(stream, answer, _end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The test has seen enough.
        }
    }
}
