using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sampan.Storage.Tests.Distribution;

/// <summary>
/// A registry on a loopback port, on raw sockets, so that it can lie, stall and hang up at any byte. What <see cref="Intercept"/> does not
/// answer, it answers as a registry should.
/// </summary>
internal sealed partial class TestRegistry : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, byte> _connections = new();
    private readonly Task _accepting;

    public TestRegistry()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Host => $"127.0.0.1:{Port}";

    public string Url => $"http://{Host}";

    /// <summary>Answers in place of the registry; null: the registry answers.</summary>
    public Func<TestRequest, TestAnswer?> Intercept { get; set; } = _ => null;

    public ConcurrentQueue<TestRequest> Requests { get; } = new();

    public IEnumerable<TestRequest> RequestsFor(string method, string part) => Requests.Where(request => request.Method == method && request.Target.Contains(part, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        if (_accepting.IsCompleted)
            return;
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections.Keys);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                var serving = ServeAsync(client);
                _connections[serving] = 0;
            }
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        try
        {
            await using var stream = client.GetStream();
            while (await ReadAsync(stream) is { } request)
            {
                Requests.Enqueue(request);
                if (!await WriteAsync(stream, request, Intercept(request) ?? Answer(request)))
                    return;
            }
        }
        catch (Exception over) when (over is IOException or OperationCanceledException or SocketException)
        {
            // The client went away, or the test is over.
        }
    }

    private async Task<TestRequest?> ReadAsync(NetworkStream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (head.Count < 4 || !head[^4..].SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0)
                return null;
            // The first byte of TLS: this one speaks plain HTTP only.
            if (head.Count == 0 && one[0] == 0x16)
                return null;
            head.Add(one[0]);
        }
        var lines = Encoding.ASCII.GetString([.. head]).Split("\r\n");
        var headers = lines.Skip(1).Where(line => line.Contains(':')).Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0], pair => pair[1].Trim(), StringComparer.OrdinalIgnoreCase);
        var body = new byte[headers.TryGetValue("Content-Length", out var length) ? int.Parse(length, CultureInfo.InvariantCulture) : 0];
        await stream.ReadExactlyAsync(body, _stop.Token);
        var words = lines[0].Split(' ');
        return new TestRequest(words[0], words[1], headers, body);
    }

    // False ends the connection.
    private async Task<bool> WriteAsync(NetworkStream stream, TestRequest request, TestAnswer answer)
    {
        if (answer.HangUp)
            return false;
        if (answer.StallAfter == 0)
            await Task.Delay(Timeout.Infinite, _stop.Token);
        var body = answer.Body ?? [];
        var head = new StringBuilder($"HTTP/1.1 {answer.Status} Test\r\nContent-Length: {answer.ClaimedLength ?? body.Length}\r\n");
        foreach (var (name, value) in answer.Headers)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head + "\r\n"), _stop.Token);
        if (request.Method == "HEAD")
            return true;
        var end = Math.Min(answer.CutAfter ?? body.Length, answer.StallAfter ?? body.Length);
        await stream.WriteAsync(body.AsMemory(0, Math.Min(end, body.Length)), _stop.Token);
        if (answer.StallAfter is not null)
        {
            await (answer.GoesOn?.WaitAsync(_stop.Token) ?? Task.Delay(Timeout.Infinite, _stop.Token));
            await stream.WriteAsync(body.AsMemory()[Math.Min(end, body.Length)..Math.Min(answer.CutAfter ?? body.Length, body.Length)], _stop.Token);
        }
        return answer.CutAfter is null && (answer.ClaimedLength ?? body.Length) == body.Length;
    }
}
