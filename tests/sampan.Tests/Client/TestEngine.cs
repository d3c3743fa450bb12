using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Sampan.Cli.Tests.Client;

/// <summary>
/// Something that listens where an engine would and answers each request with the bytes that the test says: right, wrong, or
/// broken off. A null answer closes the connection; one that ends in <see cref="HangUp"/> closes it after the bytes before.
/// </summary>
internal sealed class TestEngine : IAsyncDisposable
{
    private static readonly byte[] s_hangUp = "<hang up>"u8.ToArray();
    private readonly string _directory = Directory.CreateTempSubdirectory("sampan-engine-").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<string, byte[]?> _answer;
    private readonly Task _loop;

    /// <param name="answer">From a request's first line without its version, such as "GET /v1.51/info", to the bytes of the answer.</param>
    public TestEngine(Func<string, byte[]?> answer)
    {
        _answer = answer;
        _listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        _listener.Listen();
        _loop = AcceptAsync();
    }

    /// <summary>Ends an answer that breaks off.</summary>
    public static ReadOnlySpan<byte> HangUp => s_hangUp;

    public string SocketPath => Path.Combine(_directory, "engine.sock");

    /// <summary>The first lines of all requests so far.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>A whole answer with a JSON body.</summary>
    public static byte[] Json(string body, int status = 200) => Text(body, status, "application/json");

    public static byte[] Text(string body, int status, string type) => [.. Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} Any\r\nApi-Version: 1.51\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"))];

    /// <summary>An answer in chunks of the given bytes.</summary>
    public static byte[] Chunked(byte[] body, string type = "application/json", int size = 7)
    {
        using var answer = new MemoryStream();
        answer.Write(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nTransfer-Encoding: chunked\r\n\r\n"));
        foreach (byte[] chunk in body.Chunk(size))
        {
            answer.Write(Encoding.ASCII.GetBytes(chunk.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n"));
            answer.Write(chunk);
            answer.Write("\r\n"u8);
        }
        answer.Write("0\r\n\r\n"u8);
        return answer.ToArray();
    }

    /// <summary>A frame of output: 1 stdout, 2 stderr, 3 an error of the engine.</summary>
    public static byte[] Frame(byte stream, string text) => [stream, 0, 0, 0, 0, 0, 0, (byte)Encoding.UTF8.GetByteCount(text), .. Encoding.UTF8.GetBytes(text)];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _loop;
        _stop.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true) connections.Add(ServeAsync(await _listener.AcceptAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        using (connection)
        {
            try
            {
                while (await ReadRequestAsync(connection) is { } line)
                {
                    Requests.Enqueue(line);
                    if (_answer(line) is not { } answer) return;
                    bool breaksOff = answer.AsSpan().EndsWith(HangUp);
                    await connection.SendAsync(breaksOff ? answer[..^HangUp.Length] : answer, _stop.Token);
                    if (breaksOff) return;
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // The client has gone, or the test is over.
            }
        }
    }

    /// <summary>Reads a request's head and body; null at the end.</summary>
    private async Task<string?> ReadRequestAsync(Socket connection)
    {
        var head = new List<byte>();
        byte[] one = new byte[1];
        while (!System.Runtime.InteropServices.CollectionsMarshal.AsSpan(head).EndsWith("\r\n\r\n"u8))
        {
            if (await connection.ReceiveAsync(one, _stop.Token) == 0) return null;
            head.Add(one[0]);
        }
        string text = Encoding.ASCII.GetString([.. head]);
        string? length = text.Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase));
        for (int left = length is null ? 0 : int.Parse(length["Content-Length: ".Length..], CultureInfo.InvariantCulture); left > 0; left--)
            if (await connection.ReceiveAsync(one, _stop.Token) == 0) return null;
        if (text.Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase))
            for (var tail = new List<byte>(); !System.Runtime.InteropServices.CollectionsMarshal.AsSpan(tail).EndsWith("0\r\n\r\n"u8); tail.Add(one[0]))
                if (await connection.ReceiveAsync(one, _stop.Token) == 0) return null;
        return text[..text.IndexOf(" HTTP/1.1", StringComparison.Ordinal)];
    }
}
