using System.Buffers;
using Sampan.Engine.Supervision;

namespace Sampan.Engine.Containers.Streams;

/// <summary>A client's connection to a process's standard streams; see <see cref="PumpAsync"/>.</summary>
public sealed class ContainerStream : IAsyncDisposable
{
    private const int BufferBytes = 32 << 10;

    private static readonly Task<bool> s_none = Task.FromResult(false);

    private readonly Func<CancellationToken, Task<Wire?>> _connect;
    private readonly Func<Stream, CancellationToken, Task>? _prelude;
    private readonly DetachKeys? _keys;
    private readonly Action _detached;
    private readonly Task? _recorded;
    private readonly Func<ValueTask>? _left;
    private bool _isConnected;

    /// <param name="raw">See <see cref="Raw"/>.</param>
    /// <param name="connect">Connects to the process; null: it has ended.</param>
    /// <param name="prelude">What is written before.</param>
    /// <param name="keys">Keys that detach.</param>
    /// <param name="detached">Is told when they were typed.</param>
    /// <param name="recorded">Completes when the exit is known to all who ask. Output ends before: a client that asks for the exit code when it has seen the end must get it.</param>
    /// <param name="left">Is told when nobody connects any more.</param>
    internal ContainerStream(bool raw, Func<CancellationToken, Task<Wire?>> connect, Func<Stream, CancellationToken, Task>? prelude, DetachKeys? keys, Action detached, Task? recorded = null, Func<ValueTask>? left = null)
    {
        _recorded = recorded;
        _left = left;
        Raw = raw;
        _connect = connect;
        _prelude = prelude;
        _keys = keys;
        _detached = detached;
    }

    /// <summary>True: raw bytes of a terminal; false: Docker's frames of 8 bytes head and content.</summary>
    public bool Raw { get; }

    /// <summary>
    /// Copies both ways until the process ends, the detach keys are typed or the client goes. Connects first, which takes until
    /// the start of a container that has not started, and hangs up at the end. Neither of the client's streams is closed, and none is used any more afterwards.
    /// </summary>
    /// <param name="clientInput">What the client types; its end is the end of standard input. Null: nothing is read.</param>
    /// <param name="clientOutput">Where output goes, already framed.</param>
    /// <param name="ct">The client went.</param>
    /// <param name="gone">
    /// Waits until the client has closed its connection, which else only a write finds out, and a silent container writes nothing; waited for when the
    /// client has nothing more to say, for what he said before is still delivered. Null: <paramref name="ct"/> tells.
    /// </param>
    public async Task<AttachEnd> PumpAsync(Stream? clientInput, Stream clientOutput, CancellationToken ct, Func<CancellationToken, Task>? gone = null)
    {
        var watching = Task.CompletedTask;
        if (_prelude is not null)
            await _prelude(clientOutput, ct);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task<bool> output = s_none, input = s_none;
        Wire? wire = null;
        try
        {
            if (gone is not null && clientInput is null)
                watching = WatchAsync(input, gone, ending);
            wire = await _connect(ending.Token);
            _isConnected = true;
            if (wire is null)
                return AttachEnd.Finished;
            output = CopyOutputAsync(wire.Stream, clientOutput, ending.Token);
            if (clientInput is not null)
            {
                input = CopyInputAsync(clientInput, wire, ending.Token);
                if (gone is not null)
                    watching = WatchAsync(input, gone, ending);
            }

            var first = await Task.WhenAny(output, input);
            if (first == input && await input)
            {
                _detached();
                return AttachEnd.Detached;
            }

            if (!await output)
                return AttachEnd.ClientGone;
            if (_recorded is not null)
                await _recorded.WaitAsync(ct);
            return AttachEnd.Finished;
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            return AttachEnd.ClientGone;
        }
        finally
        {
            await ending.CancelAsync();
            // Their outcome is known, or nobody's any more.
            await Task.WhenAll(output, input, watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (wire is not null)
                await wire.DisposeAsync();
        }
    }

    private static async Task WatchAsync(Task input, Func<CancellationToken, Task> gone, CancellationTokenSource ending)
    {
        try
        {
            await input;
            await gone(ending.Token);
            await ending.CancelAsync();
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // It is over.
        }
    }

    /// <summary>Leaves: what was never connected never will be.</summary>
    public ValueTask DisposeAsync() => _isConnected || _left is null ? ValueTask.CompletedTask : _left();

    // False: the client no longer takes output.
    private static async Task<bool> CopyOutputAsync(Stream from, Stream to, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (true)
            {
                int read;
                try
                {
                    read = await from.ReadAsync(buffer, ct);
                }
                catch (IOException)
                {
                    // The supervisor is gone: that is the end of output.
                    return true;
                }

                if (read == 0)
                    return true;
                try
                {
                    await to.WriteAsync(buffer.AsMemory(0, read), ct);
                    await to.FlushAsync(ct);
                }
                catch (IOException)
                {
                    // Whoever it is for is gone: the client, or the process's own input.
                    return false;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // True: the detach keys were typed.
    private async Task<bool> CopyInputAsync(Stream from, Wire wire, CancellationToken ct)
    {
        var buffer = new byte[BufferBytes];
        var onward = new List<byte>();
        try
        {
            int read;
            while ((read = await from.ReadAsync(buffer, ct)) > 0)
            {
                if (_keys is null)
                {
                    await wire.Stream.WriteAsync(buffer.AsMemory(0, read), ct);
                    continue;
                }

                onward.Clear();
                if (_keys.Scan(buffer.AsSpan(0, read), onward))
                    return true;
                await wire.Stream.WriteAsync(onward.ToArray(), ct);
            }

            await wire.CloseInput();
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The process closed its input or ended, or the client went: output decides how the attachment ends.
        }

        return false;
    }
}
