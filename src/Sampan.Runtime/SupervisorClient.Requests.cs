using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Sampan.Linux;
using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Launching;
using Sampan.Runtime.Supervision;

namespace Sampan.Runtime;

/// <summary>What can be asked of a supervisor.</summary>
public sealed partial class SupervisorClient
{
    /// <summary>Runs the program.</summary>
    /// <exception cref="StartFailedException">It cannot be run: 126 or 127, in Docker's words. The container ends then.</exception>
    /// <exception cref="RuntimeException">A step before failed, or it runs already.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        await RequestAsync(ControlKind.Start, ReadOnlyMemory<byte>.Empty, ct).ConfigureAwait(false);
        _isStarted = true;
    }

    /// <summary>Sends a signal to init, or to every process of the container. One that has ended is well.</summary>
    /// <exception cref="RuntimeException">The supervisor refused or is gone.</exception>
    public Task SignalAsync(int signal, bool all, CancellationToken ct) => RequestAsync(ControlKind.Signal, ControlPayload.Signal(signal, all), ct);

    /// <summary>Sets the size of the container's terminal.</summary>
    /// <exception cref="RuntimeException">It has none, or has ended.</exception>
    public Task ResizeAsync(ushort rows, ushort columns, CancellationToken ct) => ResizeAsync("", rows, columns, ct);

    internal Task ResizeAsync(string execId, ushort rows, ushort columns, CancellationToken ct) =>
        RequestAsync(ControlKind.Resize, ControlPayload.Resize(rows, columns, execId), ct);

    /// <summary>Freezes all processes.</summary>
    /// <exception cref="RuntimeException">It could not be done, or the container has ended.</exception>
    public Task PauseAsync(CancellationToken ct) => RequestAsync(ControlKind.Pause, ReadOnlyMemory<byte>.Empty, ct);

    /// <summary>Thaws all processes.</summary>
    /// <exception cref="RuntimeException">It could not be done, or the container has ended.</exception>
    public Task ResumeAsync(CancellationToken ct) => RequestAsync(ControlKind.Resume, ReadOnlyMemory<byte>.Empty, ct);

    /// <summary>Sets new limits; what is null stays.</summary>
    /// <exception cref="RuntimeException">A limit was refused, or the container has ended.</exception>
    public Task UpdateAsync(Resources resources, CancellationToken ct) =>
        RequestAsync(ControlKind.Update, JsonSerializer.SerializeToUtf8Bytes(resources, OciRuntimeJson.Default.Resources), ct);

    /// <summary>Completes when the log has grown past a number of bytes, or the container has ended.</summary>
    /// <param name="knownBytes">What an earlier call answered; -1 to be told the present number at once.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Bytes logged since the supervisor started, rotation not counted; -1 if the container has ended and nothing more comes.</returns>
    /// <exception cref="RuntimeException">The supervisor is gone.</exception>
    public async Task<long> WaitLogAsync(long knownBytes, CancellationToken ct)
    {
        byte[] answer;
        try
        {
            answer = await RequestAsync(ControlKind.WaitLog, ControlPayload.Number(knownBytes), ct).ConfigureAwait(false);
        }
        catch (RuntimeException) when (_exited.Task.IsCompleted)
        {
            return -1; // the container has ended, and its supervisor after it
        }
        return ControlPayload.TryReadNumber(answer, out var total) ? total : throw new RuntimeException("control", "the supervisor's answer is not understood");
    }

    /// <summary>Connects to the container's standard streams, before or after its start.</summary>
    /// <exception cref="RuntimeException">The container has ended.</exception>
    public async Task<SupervisorStream> AttachAsync(AttachRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (connection, _) = await OpenStreamAsync(ControlKind.Attach, new[] { (byte)Choice(request.Stdin, request.Stdout, request.Stderr) }, ct).ConfigureAwait(false);
        return new SupervisorStream(connection.Socket);
    }

    /// <summary>Runs a further process in the container; returns when it was executed.</summary>
    /// <exception cref="StartFailedException">It cannot be executed: 126 or 127, in Docker's words.</exception>
    /// <exception cref="RuntimeException">A step before failed, or the container does not run.</exception>
    public async Task<ExecSession> ExecAsync(ExecLaunch launch, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(launch);
        var choice = Choice(launch.Stdin, launch.Stdout, launch.Stderr);
        var exited = new TaskCompletionSource<ExitRecord>(TaskCreationOptions.RunContinuationsAsynchronously);
        // Known before it runs: its end may be told before its start.
        if (!_execs.TryAdd(launch.ExecId, exited))
            throw new RuntimeException("exec", $"exec '{launch.ExecId}' runs already");
        try
        {
            var (connection, answer) = await OpenStreamAsync(ControlKind.Exec, ControlPayload.Exec(choice, launch.ExecId, launch.Process), ct).ConfigureAwait(false);
            if (!ControlPayload.TryReadNumber(answer, out var pid))
                throw new RuntimeException("control", "the supervisor's answer is not understood");
            SupervisorStream? stream = null;
            if (choice == StreamChoice.None)
                connection.Dispose();
            else
                stream = new SupervisorStream(connection.Socket);
            return new ExecSession(this, launch.ExecId, (int)pid, stream, exited.Task);
        }
        catch
        {
            _execs.TryRemove(launch.ExecId, out _);
            throw;
        }
    }

    /// <summary>Has the supervisor keep copies of open files of ours until the container ends; what it kept before it lets go. They go nowhere near the container.</summary>
    /// <param name="files">Ours, open until this returns.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="RuntimeException">The supervisor is of an earlier version, or the kernel did not let it have them.</exception>
    public Task KeepAsync(IReadOnlyList<SafeHandle> files, CancellationToken ct) =>
        RequestAsync(ControlKind.Keep, ControlPayload.Numbers([Environment.ProcessId, .. files.Select(file => (int)file.DangerousGetHandle())]), ct);

    /// <summary>Copies of what an earlier client had kept, in its order, the caller's; none if one of them cannot be had.</summary>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="RuntimeException">The supervisor is of an earlier version, or gone.</exception>
    public async Task<IReadOnlyList<SafeFileHandle>> KeptAsync(CancellationToken ct)
    {
        var numbers = ControlPayload.ReadNumbers(await RequestAsync(ControlKind.Kept, ReadOnlyMemory<byte>.Empty, ct).ConfigureAwait(false));
        if (numbers.Length == 0)
            return [];
        using var supervisor = OpenSupervisor();
        List<SafeFileHandle> files = [];
        foreach (var number in numbers)
        {
            if (supervisor.TryTake(number) is { } file)
            {
                files.Add(new SafeFileHandle(file.Release(), ownsHandle: true));
                continue;
            }

            files.ForEach(taken => taken.Dispose());
            return [];
        }

        return files;
    }

    private PidFd OpenSupervisor()
    {
        try
        {
            return PidFd.Open(SupervisorPid);
        }
        catch (LinuxException gone)
        {
            throw new RuntimeException("control", "the supervisor is gone", gone);
        }
    }

    private static StreamChoice Choice(bool stdin, bool stdout, bool stderr) =>
        (stdin ? StreamChoice.Stdin : 0) | (stdout ? StreamChoice.Stdout : 0) | (stderr ? StreamChoice.Stderr : 0);

    private async Task<byte[]> RequestAsync(ControlKind kind, ReadOnlyMemory<byte> payload, CancellationToken ct)
    {
        var request = Interlocked.Increment(ref _lastRequest);
        var waiting = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[request] = waiting;
        try
        {
            // Registered first, looked second: the loop that has ended already would not find it.
            if (_listening.IsCompleted)
                throw new RuntimeException("control", "the supervisor is gone");
            await _connection.SendAsync(kind, request, payload, ct).ConfigureAwait(false);
            return await waiting.Task.WaitAsync(ct).ConfigureAwait(false);
        }
        catch
        {
            // The loop that ends may tell it the same, or has: nobody waits for that any more.
            if (!waiting.TrySetCanceled(CancellationToken.None))
                _ = waiting.Task.Exception;
            throw;
        }
        finally
        {
            _pending.TryRemove(request, out _);
        }
    }

    /// <summary>A connection of its own, greeted, that becomes a stream by one request.</summary>
    private async Task<(ControlConnection Connection, byte[] Answer)> OpenStreamAsync(ControlKind kind, ReadOnlyMemory<byte> payload, CancellationToken ct)
    {
        var connection = await ControlConnection.ConnectAsync(_stateDirectory, ct).ConfigureAwait(false)
            ?? throw new RuntimeException("control", "the container has ended");
        try
        {
            await connection.GreetAsync(ct).ConfigureAwait(false);
            await connection.SendAsync(kind, 1, payload, ct).ConfigureAwait(false);
            while (await connection.ReceiveAsync(ct).ConfigureAwait(false) is var (header, answer))
            {
                if (header.Request != 1)
                    continue; // an event of the container
                if (header.Kind == ControlKind.Done)
                    return (connection, answer);
                throw InitFailure.Decode(answer).ToException();
            }
            throw new RuntimeException("control", "the supervisor is gone");
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
