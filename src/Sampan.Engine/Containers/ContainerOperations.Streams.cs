using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Sampan.Engine.Containers.Streams;
using Sampan.Engine.Logs;
using Sampan.Engine.Logs.Drivers;
using Sampan.Engine.Supervision;
using Sampan.Runtime;
using static Sampan.Engine.Containers.States.ContainerState;

namespace Sampan.Engine.Containers;

/// <content>Standard streams and logs.</content>
public sealed partial class ContainerOperations
{
    private const int FrameHead = 8;

    /// <summary>
    /// Attaches to the standard streams. Before the start it is a promise: the connection is made between the making of the container
    /// and its program's first instruction, so no output is lost. Answer the client's request, then call <see cref="ContainerStream.PumpAsync"/>.
    /// </summary>
    /// <param name="idOrName">Which.</param>
    /// <param name="options">What is wanted.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: the detach keys are no key sequence. <see cref="ErrorKind.Conflict"/>: the container is paused.</exception>
    public ContainerStream Attach(string idOrName, AttachOptions options)
    {
        var container = _parts.Registry.Get(idOrName);
        var spec = container.Current.Spec;
        if (container.Current.State is Paused)
            throw EngineException.Conflict($"container {container.Id} is paused, unpause the container before attach");
        var wanted = options with { Stdin = options.Stdin && spec.OpenStdin };
        var keys = wanted.Stdin && (spec.Tty || options.DetachKeys is { Length: > 0 })
            ? DetachKeys.Parse(options.DetachKeys is { Length: > 0 } own ? own : DetachKeys.Default)
            : null;
        if (options.DetachKeys is { Length: > 0 } asked)
            _ = DetachKeys.Parse(asked);
        Func<Stream, CancellationToken, Task>? prelude = options.Logs ? (output, ct) => CopyLogAsync(container, options, output, ct) : null;
        if (!options.Stream)
            return new ContainerStream(spec.Tty, _ => Task.FromResult<Wire?>(null), prelude, null, () => { });

        // The place in the queue is taken now, so that a start after this call finds it.
        var (live, pending) = container.Current.IsRunning || container.Current.State is Created or Exited or Starting ? container.Await(wanted) : (null, null);
        _parts.Publish(container.Current, "attach");
        return new ContainerStream(spec.Tty, ct => ConnectAsync(wanted, live, pending, ct), prelude, keys, () => _parts.Publish(container.Current, "detach"), left: () => LeaveAsync(container, pending));
    }

    /// <summary>Sets the terminal's size.</summary>
    /// <param name="idOrName">Which.</param>
    /// <param name="size">The new size.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.Conflict"/>: it does not run.</exception>
    public async Task ResizeAsync(string idOrName, TerminalSize size, CancellationToken ct)
    {
        var container = _parts.Registry.Get(idOrName);
        if (container.Supervisor is not { } supervisor || !container.Current.IsRunning)
            throw Ending.NotRunning(container);
        // Docker takes the size of a terminal that is not there; nobody is told of it.
        if (!container.Current.Spec.Tty)
            return;
        await Ending.AskAsync(container, supervisor, s => s.ResizeAsync(size, ct));
        _parts.Publish(container.Current, "resize", ("height", size.Rows.ToString()), ("width", size.Columns.ToString()));
    }

    /// <summary>Reads the log.</summary>
    /// <param name="idOrName">Which.</param>
    /// <param name="options">Which part of it.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotSupported"/>: the container's logging driver keeps none.</exception>
    public IAsyncEnumerable<LogEntry> LogsAsync(string idOrName, LogOptions options, CancellationToken ct)
    {
        var container = _parts.Registry.Get(idOrName);
        if (container.Current.LogPath is not { } path || !LogDrivers.CanBeRead(container.Current.Spec.Log))
            throw EngineException.NotSupported("configured logging driver does not support reading");
        return ReadAsync(container, new LogReader(path, options, options.Follow ? Growth(container) : null), ct);
    }

    private static async IAsyncEnumerable<LogEntry> ReadAsync(Container container, LogReader reader, [EnumeratorCancellation] CancellationToken ct)
    {
        // A container that is removed takes its log along: that ends a follower as well.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct, container.Gone);
        await using var entries = reader.ReadAsync(ending.Token).GetAsyncEnumerator(ct);
        while (true)
        {
            try
            {
                if (!await entries.MoveNextAsync())
                    break;
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                break;
            }

            yield return entries.Current;
        }

    }

    // Without a supervisor nothing grows: the log is read to its end.
    internal static LogGrowth Growth(Container container) => async (known, ct) =>
    {
        if (container.Supervisor is not { } supervisor)
            return -1;
        try
        {
            return await supervisor.WaitLogAsync(known, ct);
        }
        catch (Exception gone) when (gone is RuntimeException or IOException or ObjectDisposedException)
        {
            // The line broke before we were told of the exit, which follows.
            await supervisor.Exited.WaitAsync(ct);
            return -1;
        }
    };

    private static async Task<Wire?> ConnectAsync(AttachOptions wanted, ISupervisor? live, PendingWire? pending, CancellationToken ct)
    {
        if (live is not null)
        {
            try
            {
                return await live.AttachAsync(wanted.Stdin, wanted.Stdout, wanted.Stderr, ct);
            }
            catch (Exception) when (live.Exited.IsCompleted)
            {
                // It ended just before, and has no streams any more.
                return null;
            }
        }

        return pending is null ? null : await pending.Completion.Task.WaitAsync(ct);
    }

    private static async ValueTask LeaveAsync(Container container, PendingWire? pending)
    {
        if (pending is null)
            return;
        container.Forget(pending);
        await pending.LeaveAsync();
    }

    private static async Task CopyLogAsync(Container container, AttachOptions options, Stream output, CancellationToken ct)
    {
        if (container.Current.LogPath is not { } path)
            return;
        var reader = new LogReader(path, new LogOptions { Stdout = options.Stdout, Stderr = options.Stderr }, null);
        await foreach (var entry in reader.ReadAsync(ct))
        {
            if (!container.Current.Spec.Tty)
            {
                var head = new byte[FrameHead];
                head[0] = (byte)entry.Stream;
                BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), entry.Text.Length);
                await output.WriteAsync(head, ct);
            }

            await output.WriteAsync(entry.Text, ct);
        }

        await output.FlushAsync(ct);
    }
}
