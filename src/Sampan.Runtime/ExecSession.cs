namespace Sampan.Runtime;

/// <summary>A further process that runs in a container.</summary>
public sealed class ExecSession : IAsyncDisposable
{
    private readonly SupervisorClient _client;
    private readonly string _id;

    internal ExecSession(SupervisorClient client, string id, int pid, SupervisorStream? stream, Task<ExitRecord> exited)
    {
        _client = client;
        _id = id;
        Pid = pid;
        Stream = stream;
        Exited = exited;
    }

    /// <summary>Its process id on the host.</summary>
    public int Pid { get; }

    /// <summary>Its standard streams, or null if none were asked for.</summary>
    public SupervisorStream? Stream { get; }

    /// <summary>Completes when it has ended. Never faults: exit code 255 with an error if the supervisor is gone.</summary>
    public Task<ExitRecord> Exited { get; }

    /// <summary>Sets the size of its terminal.</summary>
    /// <exception cref="RuntimeException">It has none, or has ended.</exception>
    public Task ResizeAsync(ushort rows, ushort columns, CancellationToken ct) => _client.ResizeAsync(_id, rows, columns, ct);

    /// <summary>Hangs up; the process goes on.</summary>
    public ValueTask DisposeAsync() => Stream?.DisposeAsync() ?? ValueTask.CompletedTask;
}
