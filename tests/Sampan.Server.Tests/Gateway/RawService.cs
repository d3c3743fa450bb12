using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sampan.Server.Tests.Gateway;

/// <summary>A program that reads a request's head as it comes over the wire, and answers what the test says.</summary>
internal sealed class RawService : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<TcpClient, byte> _clients = new();
    private readonly Func<string, Stream, Task> _answer;
    private readonly Task _accepting;

    /// <param name="answer">Gets the head, and the connection to read the body from and to write the answer to; the connection is closed afterwards.</param>
    internal RawService(Func<string, Stream, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The heads, in the order in which they came.</summary>
    internal ConcurrentQueue<string> Heads { get; } = new();

    /// <summary>One that says its name.</summary>
    internal static RawService Named(string name) => new((_, stream) => WriteAsync(stream, $"HTTP/1.1 200 OK\r\nContent-Length: {name.Length}\r\nConnection: close\r\n\r\n{name}"));

    internal static Task WriteAsync(Stream stream, string text) => stream.WriteAsync(Encoding.ASCII.GetBytes(text)).AsTask();

    /// <summary>Reads until a text has come.</summary>
    internal static async Task<string> ReadUntilAsync(Stream stream, string end)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (!text.ToString().EndsWith(end, StringComparison.Ordinal) && await stream.ReadAsync(one) > 0)
            text.Append((char)one[0]);
        return text.ToString();
    }

    /// <summary>Listens no more, and drops everybody: as a program that was killed.</summary>
    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        foreach (var client in _clients.Keys)
            client.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        var talks = new List<Task>();
        try
        {
            while (true)
                talks.Add(TalkAsync(await _listener.AcceptTcpClientAsync()));
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            await Task.WhenAll(talks);
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        _clients[client] = 0;
        try
        {
            var stream = client.GetStream();
            var head = await ReadUntilAsync(stream, "\r\n\r\n");
            if (head.Length == 0)
                return;
            Heads.Enqueue(head);
            await _answer(head, stream);
        }
        catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException)
        {
            // The other side went.
        }
        finally
        {
            client.Dispose();
        }
    }
}
