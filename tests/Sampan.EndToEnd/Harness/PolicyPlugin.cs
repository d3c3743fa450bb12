using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Sampan.EndToEnd.Harness;

/// <summary>An authorization plugin where docker looks for plugins: it denies requests whose body holds a text.</summary>
internal sealed class PolicyPlugin : IAsyncDisposable
{
    private const string Directory = "/run/docker/plugins";

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _end = new();
    private readonly string _forbidden;
    private readonly Task _serving;

    public PolicyPlugin(string forbidden)
    {
        _forbidden = forbidden;
        System.IO.Directory.CreateDirectory(Directory);
        _socket.Bind(new UnixDomainSocketEndPoint(Path));
        _socket.Listen();
        _serving = ServeAsync();
    }

    public string Name { get; } = $"sampan-test-{Guid.NewGuid():N}"[..24];

    private string Path => $"{Directory}/{Name}.sock";

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _socket.Dispose();
        await _serving;
        _end.Dispose();
        File.Delete(Path);
    }

    private async Task ServeAsync()
    {
        var talks = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _socket.AcceptAsync(_end.Token);
                talks.Add(TalkAsync(client));
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(talks);
        }
    }

    private async Task TalkAsync(Socket client)
    {
        try
        {
            await using var stream = new NetworkStream(client, ownsSocket: true);
            while (true)
            {
                var head = await HeadAsync(stream);
                if (head is null)
                    return;
                var length = head.Split("\r\n").Select(line => line.Split(": ")).Where(f => f[0].Equals("Content-Length", StringComparison.OrdinalIgnoreCase)).Select(f => int.Parse(f[1], System.Globalization.CultureInfo.InvariantCulture)).FirstOrDefault();
                var body = new byte[length];
                await stream.ReadExactlyAsync(body, _end.Token);
                var answer = Encoding.UTF8.GetBytes(head.Contains("Plugin.Activate", StringComparison.Ordinal) ? """{"Implements":["authz"]}""" : Decide(body));
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {answer.Length}\r\n\r\n"), _end.Token);
                await stream.WriteAsync(answer, _end.Token);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException)
        {
            // The daemon hung up, or the test has ended.
        }
    }

    private string Decide(byte[] message)
    {
        var body = (string?)JsonNode.Parse(message)?["RequestBody"] ?? "";
        var denied = Encoding.UTF8.GetString(Convert.FromBase64String(body)).Contains(_forbidden, StringComparison.Ordinal);
        return denied ? """{"Allow":false,"Msg":"policy"}""" : """{"Allow":true}""";
    }

    private async Task<string?> HeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, _end.Token) == 0)
                return null;
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
