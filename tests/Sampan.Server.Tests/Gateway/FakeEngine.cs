using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace Sampan.Server.Tests.Gateway;

/// <summary>An engine as the gateway sees it: a list of containers, and events.</summary>
internal sealed class FakeEngine : IAsyncDisposable
{
    private readonly RawService _service;
    private readonly ConcurrentDictionary<Channel<string>, byte> _listeners = new();
    private ImmutableList<Container> _containers = [];
    private int _lists;

    internal FakeEngine() => _service = new RawService(AnswerAsync);

    internal sealed record Container(string Name, int Port, IReadOnlyDictionary<string, string> Labels, string State = "running", string Health = "none")
    {
        internal string Id => Name.PadRight(64, '0');
    }

    internal string Address => $"tcp://127.0.0.1:{_service.Port}";

    /// <summary>Changes the list, tells it, and waits until the gateway has taken it in.</summary>
    internal async Task ChangeAsync(Func<ImmutableList<Container>, ImmutableList<Container>> change, string action, Container about)
    {
        ImmutableInterlocked.Update(ref _containers, change);
        var attributes = new Dictionary<string, string>(about.Labels) { ["name"] = about.Name };
        await TellAsync("container", action, about.Id, attributes);
        // It looks at one list after the other: when it asks for the next, the routes are those of the one with the change.
        await TellAsync("network", "connect", "app", []);
    }

    private async Task TellAsync(string type, string action, string id, Dictionary<string, string> attributes)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (_listeners.IsEmpty)
            await Task.Delay(10, patience.Token);
        var before = Volatile.Read(ref _lists);
        foreach (var listener in _listeners.Keys)
            listener.Writer.TryWrite(JsonSerializer.Serialize(new { Type = type, Action = action, Actor = new { ID = id, Attributes = attributes } }) + "\n");
        while (Volatile.Read(ref _lists) == before)
            await Task.Delay(10, patience.Token);
    }

    internal Task AddAsync(Container container) => ChangeAsync(c => c.Add(container), "start", container);

    public ValueTask DisposeAsync()
    {
        DropListeners();
        return _service.DisposeAsync();
    }

    /// <summary>The engine goes; those who listened notice.</summary>
    internal void DropListeners()
    {
        foreach (var listener in _listeners.Keys)
            listener.Writer.TryComplete();
    }

    private async Task AnswerAsync(string head, Stream stream)
    {
        var target = head.Split(' ')[1];
        if (target.Contains("/events", StringComparison.Ordinal))
        {
            var channel = Channel.CreateUnbounded<string>();
            // Before the head: who has it counts on every event from then on.
            _listeners[channel] = 0;
            await RawService.WriteAsync(stream, "HTTP/1.1 200 OK\r\nApi-Version: 1.50\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
            try
            {
                await foreach (var line in channel.Reader.ReadAllAsync())
                    await RawService.WriteAsync(stream, $"{Encoding.UTF8.GetByteCount(line):x}\r\n{line}\r\n");
            }
            finally
            {
                _listeners.TryRemove(channel, out _);
            }

            return;
        }

        var isList = target.Contains("/containers/json", StringComparison.Ordinal);
        // Before it is made: one that is counted later has what was changed before.
        if (isList)
            Interlocked.Increment(ref _lists);
        var body = isList ? List() : "OK";
        await RawService.WriteAsync(stream, $"HTTP/1.1 200 OK\r\nApi-Version: 1.50\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}");
    }

    private string List() => JsonSerializer.Serialize(_containers.Select((c, i) => new
    {
        c.Id,
        Names = new[] { "/" + c.Name },
        Created = i,
        c.State,
        Status = c.Health == "none" ? "Up 1 second" : $"Up 1 second ({c.Health})",
        Labels = new Dictionary<string, string>(c.Labels) { ["sampan.gateway.port"] = c.Port.ToString() },
        Ports = Array.Empty<object>(),
        NetworkSettings = new { Networks = new Dictionary<string, object> { ["app"] = new { IPAddress = "127.0.0.1" } } },
    }));
}
