using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sampan.TestPlugin;

/// <summary>
/// A small volume plugin that speaks Docker's protocol over a unix socket: its volumes are directories of its own. It can be told to misbehave: to answer nothing,
/// or something else.
/// </summary>
internal sealed class VolumePluginServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentDictionary<Task, byte> _talks = new();
    private readonly string _socket;
    private readonly Task _loop;

    /// <param name="socket">Where it listens.</param>
    /// <param name="root">Where its volumes are.</param>
    public VolumePluginServer(string socket, string root)
    {
        _socket = socket;
        Root = root;
        Directory.CreateDirectory(Path.GetDirectoryName(socket)!);
        Directory.CreateDirectory(root);
        _listener.Bind(new UnixDomainSocketEndPoint(socket));
        _listener.Listen(16);
        _loop = Task.Run(AcceptAsync);
    }

    /// <summary>Where its volumes are.</summary>
    public string Root { get; }

    /// <summary>Calls in their order, as <c>Method NAME ID</c>.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Volumes and who has them mounted.</summary>
    public ConcurrentDictionary<string, ConcurrentDictionary<string, byte>> Volumes { get; } = new(StringComparer.Ordinal);

    /// <summary>Options that volumes were made with.</summary>
    public ConcurrentDictionary<string, string> Options { get; } = new(StringComparer.Ordinal);

    /// <summary>Another answer than the honest one for a method: a body; null: never any.</summary>
    public ConcurrentDictionary<string, string?> Answers { get; } = new(StringComparer.Ordinal);

    /// <summary>Awaited when the answer to a method is made and not sent yet.</summary>
    public Func<string, Task> Answering { get; set; } = _ => Task.CompletedTask;

    /// <summary>The status of the answers in <see cref="Answers"/>.</summary>
    public int Status { get; set; } = 200;

    public async ValueTask DisposeAsync()
    {
        if (_ending.IsCancellationRequested)
            return;
        await _ending.CancelAsync();
        _listener.Dispose();
        File.Delete(_socket);
        await _loop;
        await Task.WhenAll(_talks.Keys);
    }

    private async Task AcceptAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                var talk = TalkAsync(await _listener.AcceptAsync(_ending.Token));
                _talks[talk] = 0;
            }
            catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task TalkAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                await using var stream = new NetworkStream(socket);
                while (await ReadAsync(stream) is var (method, body))
                {
                    var answer = Answers.TryGetValue(method, out var told) ? told : Honest(method, body);
                    if (answer is null)
                        await Task.Delay(Timeout.Infinite, _ending.Token);
                    await Answering(method);
                    var bytes = Encoding.UTF8.GetBytes(answer!);
                    var status = Answers.ContainsKey(method) ? Status : 200;
                    await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} X\r\nContent-Type: application/vnd.docker.plugins.v1.1+json\r\nContent-Length: {bytes.Length}\r\n\r\n"), _ending.Token);
                    await stream.WriteAsync(bytes, _ending.Token);
                }
            }
            catch (Exception ended) when (ended is OperationCanceledException or IOException or SocketException)
            {
                // The caller went away, or the plugin does.
            }
        }
    }

    private async Task<(string Method, JsonNode? Body)?> ReadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, _ending.Token) == 0)
                return null;
            head.Append((char)one[0]);
        }

        var lines = head.ToString().Split("\r\n");
        var length = int.Parse(lines.First(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
        var body = new byte[length];
        await stream.ReadExactlyAsync(body, _ending.Token);
        var json = length == 0 ? null : JsonNode.Parse(body);
        var method = lines[0].Split(' ')[1].TrimStart('/');
        Calls.Enqueue($"{method} {json?["Name"]} {json?["ID"]}".Trim());
        return (method, json);
    }

    private string Honest(string method, JsonNode? body)
    {
        var name = (string?)body?["Name"] ?? "";
        var user = (string?)body?["ID"] ?? "";
        if (method is "VolumeDriver.Mount" or "VolumeDriver.Unmount" or "VolumeDriver.Path" or "VolumeDriver.Get" or "VolumeDriver.Remove" && !Volumes.ContainsKey(name))
            return $$"""{"Err":"no volume {{name}} here"}""";
        switch (method)
        {
            case "Plugin.Activate":
                return """{"Implements":["VolumeDriver"]}""";
            case "VolumeDriver.Capabilities":
                return """{"Capabilities":{"Scope":"global"}}""";
            case "VolumeDriver.Create":
                Directory.CreateDirectory(Path.Combine(Root, name));
                Options[name] = body?["Opts"]?.ToJsonString() ?? "{}";
                Volumes.TryAdd(name, new(StringComparer.Ordinal));
                return """{"Err":""}""";
            case "VolumeDriver.Remove":
                if (!Volumes[name].IsEmpty)
                    return """{"Err":"it is mounted"}""";
                Volumes.TryRemove(name, out _);
                Directory.Delete(Path.Combine(Root, name), recursive: true);
                return "{}";
            case "VolumeDriver.Mount":
                Volumes[name][user] = 0;
                return $$"""{"Mountpoint":{{JsonSerializer.Serialize(Path.Combine(Root, name))}},"Err":""}""";
            case "VolumeDriver.Unmount":
                Volumes[name].TryRemove(user, out _);
                return "{}";
            case "VolumeDriver.Path":
                return $$"""{"Mountpoint":{{JsonSerializer.Serialize(Path.Combine(Root, name))}} }""";
            case "VolumeDriver.Get":
                return $$"""{"Volume":{{Describe(name)}} }""";
            case "VolumeDriver.List":
                return $$"""{"Volumes":[{{string.Join(',', Volumes.Keys.Select(Describe))}}]}""";
            default:
                return """{"Err":"unknown method"}""";
        }
    }

    private string Describe(string name) =>
        $$"""{"Name":"{{name}}","Mountpoint":{{(Volumes[name].IsEmpty ? "\"\"" : JsonSerializer.Serialize(Path.Combine(Root, name)))}},"CreatedAt":"2024-01-02T03:04:05Z","Status":{"users":{{Volumes[name].Count}} } }""";
}
