using System.Collections.Concurrent;
using System.Text.Json;
using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;
using Sampan.Runtime.Launching;
using Sampan.Runtime.Supervision;

namespace Sampan.Runtime;

/// <summary>
/// The engine's line to the supervisor of one container. Requests take one round trip. Thread-safe. Disposing hangs up; container and supervisor
/// go on.
/// </summary>
public sealed partial class SupervisorClient : IAsyncDisposable
{
    private const int SIGTERM = 15;
    private const int SIGCHLD = 17;
    private const int ControlDescriptor = 3;
    private const int LaunchDescriptor = 4;
    internal const string LaunchStep = "launch";
    private const int ExitMaxBytes = 64 * 1024;
    private static readonly TimeSpan s_hangUpLimit = TimeSpan.FromSeconds(5);

    private readonly string _stateDirectory;
    private readonly ControlConnection _connection;
    private readonly PidFd? _child;
    private readonly ConcurrentDictionary<uint, TaskCompletionSource<byte[]>> _pending = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<ExitRecord>> _execs = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource<ExitRecord> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _listening;
    private uint _lastRequest;
    private volatile bool _isStarted;
    private volatile bool _isHungUp;

    private SupervisorClient(string stateDirectory, ControlConnection connection, PidFd? child, (int Supervisor, int Init, bool Started) hello)
    {
        _stateDirectory = stateDirectory;
        _connection = connection;
        _child = child;
        SupervisorPid = hello.Supervisor;
        InitPid = hello.Init;
        _isStarted = hello.Started;
        _listening = ListenAsync();
    }

    /// <summary>Process id of the supervisor.</summary>
    public int SupervisorPid { get; }

    /// <summary>Process id of the container's init on the host.</summary>
    public int InitPid { get; }

    /// <summary>True once the program was executed.</summary>
    public bool Started => _isStarted;

    /// <summary>Completes when the container is gone, also if the supervisor itself died (exit code 255, error set). Never faults; after hanging up never completes.</summary>
    public Task<ExitRecord> Exited => _exited.Task;

    /// <summary>Starts a supervisor; returns when the container is created and its init waits.</summary>
    /// <param name="runtimePath">The <c>sampan-runtime</c> executable.</param>
    /// <param name="launch">What to make.</param>
    /// <param name="ct">Gives up waiting, and ends the supervisor.</param>
    /// <exception cref="RuntimeException">The step that failed; nothing is left then.</exception>
    public static async Task<SupervisorClient> LaunchAsync(string runtimePath, SupervisorLaunch launch, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(launch);
        var (child, connection) = Spawn(runtimePath, launch);
        FailPoint.Reach("start.supervisor-spawned");
        try
        {
            var hello = await connection.GreetAsync(ct).ConfigureAwait(false);
            return new SupervisorClient(launch.StateDirectory, connection, child, hello);
        }
        catch
        {
            connection.Dispose();
            // A supervisor that failed has cleaned up and ends by itself; one that is given up gets the kernel to end its init with it, and we clean up.
            if (ct.IsCancellationRequested)
                child.Send(9);
            var ended = await Task.Run(child.Reap, CancellationToken.None).ConfigureAwait(false);
            child.Dispose();
            if (ended is { Signaled: true })
                await Task.Run(() => ClearAbandoned(launch.StateDirectory), CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private static (PidFd Child, ControlConnection Connection) Spawn(string runtimePath, SupervisorLaunch launch)
    {
        try
        {
            using var record = MemoryFile.Create("launch", JsonSerializer.SerializeToUtf8Bytes(launch, RuntimeJson.Default.SupervisorLaunch));
            var program = SealedProgram.Get(runtimePath);
            var (ours, theirs) = ByteChannel.SocketPair();
            using (theirs)
            using (ours)
            {
                var pid = ProcessSpawner.Spawn(
                    program.ProcPath,
                    ["sampan-runtime", "supervise", "--launch-fd", $"{LaunchDescriptor}", "--control-fd", $"{ControlDescriptor}", launch.Id],
                    new Dictionary<string, string>(),
                    new SpawnOptions
                    {
                        NewSession = true,
                        WorkingDirectory = "/",
                        Inherit = [(theirs, ControlDescriptor), (record, LaunchDescriptor)],
                        // Blocked from the start, so that the runtime's own second thread has them blocked too and they reach the supervisor's queue.
                        BlockedSignals = [SIGCHLD, SIGTERM],
                    });
                return (PidFd.Open(pid), ControlConnection.Adopt(ours));
            }
        }
        catch (LinuxException failure)
        {
            throw new RuntimeException(LaunchStep, $"cannot start the supervisor '{runtimePath}': {failure.Message}", failure);
        }
    }

    /// <summary>Finds the supervisor of a container that an earlier daemon started.</summary>
    /// <returns>Null if there is none any more: see <see cref="ReadExit"/>.</returns>
    /// <exception cref="RuntimeException">There is one, and it cannot be talked to.</exception>
    public static async Task<SupervisorClient?> ConnectAsync(string stateDirectory, CancellationToken ct)
    {
        var connection = await ControlConnection.ConnectAsync(stateDirectory, ct).ConfigureAwait(false);
        if (connection is null)
            return null;
        try
        {
            return new SupervisorClient(stateDirectory, connection, child: null, await connection.GreetAsync(ct).ConfigureAwait(false));
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>How a container ended, as its supervisor wrote it; null if it did not.</summary>
    /// <exception cref="RuntimeException">The record is damaged.</exception>
    public static ExitRecord? ReadExit(string stateDirectory)
    {
        var path = $"{stateDirectory}/{Supervisor.ExitName}";
        try
        {
            return JsonSerializer.Deserialize(HostFile.Read(path, ExitMaxBytes), RuntimeJson.Default.ExitRecord);
        }
        catch (LinuxException failure) when (failure.Errno is Errno.ENOENT or Errno.ENOTDIR)
        {
            return null;
        }
        catch (JsonException failure)
        {
            throw new RuntimeException("exit", $"'{path}' is damaged: {failure.Message}", failure);
        }
    }

    /// <summary>The one loop of this client: answers go to their requests, events to who waits for them.</summary>
    private async Task ListenAsync()
    {
        try
        {
            while (await _connection.ReceiveAsync(CancellationToken.None).ConfigureAwait(false) is var (header, payload))
                Take(header, payload);
        }
        catch (Exception failure) when (failure is RuntimeException or ObjectDisposedException)
        {
            // Treated as the end it is: below.
        }
        var gone = new RuntimeException("control", "the supervisor is gone");
        if (!_isHungUp)
            await FinishAsync().ConfigureAwait(false);
        foreach (var (request, waiting) in _pending)
        {
            _pending.TryRemove(request, out _);
            waiting.TrySetException(gone);
        }
    }

    private void Take(ControlHeader header, byte[] payload)
    {
        switch (header.Kind)
        {
            case ControlKind.Done when _pending.TryRemove(header.Request, out var waiting):
                waiting.TrySetResult(payload);
                break;
            case ControlKind.Failed when _pending.TryRemove(header.Request, out var waiting):
                waiting.TrySetException(InitFailure.Decode(payload).ToException());
                break;
            case ControlKind.Exited:
                _exited.TrySetResult(JsonSerializer.Deserialize(payload, RuntimeJson.Default.ExitRecord) ?? Unknown("the exit record is empty"));
                break;
            case ControlKind.ExecExited when ControlPayload.TryReadExecExited(payload, out var id, out var code, out var signal):
                if (_execs.TryRemove(id, out var exec))
                    exec.TrySetResult(new ExitRecord { ExitCode = code, Signal = signal, FinishedAt = TimeProvider.System.GetUtcNow() });
                break;
        }
    }

    /// <summary>The supervisor has ended: reap it, and if it did not say how the container ended, find out and clear away what it left.</summary>
    private async Task FinishAsync()
    {
        if (_child is not null)
        {
            await Task.Run(_child.Reap).ConfigureAwait(false);
            _child.Dispose();
        }
        if (!_exited.Task.IsCompleted)
            _exited.TrySetResult(await Task.Run(RecoverExit).ConfigureAwait(false));
        foreach (var (id, exec) in _execs)
        {
            _execs.TryRemove(id, out _);
            exec.TrySetResult(Unknown("the container ended"));
        }
    }

    private ExitRecord RecoverExit()
    {
        try
        {
            return ReadExit(_stateDirectory) ?? AbandonedContainer.Clear(_stateDirectory, Unknown("the supervisor ended unexpectedly"));
        }
        catch (Exception failure) when (failure is RuntimeException or LinuxException)
        {
            return Unknown($"the supervisor ended unexpectedly; {failure.Message}");
        }
    }

    // The cgroup of one that was killed is there, whoever killed it.
    private static void ClearAbandoned(string stateDirectory)
    {
        var given = Unknown("the launch was given up");
        var cleared = AbandonedContainer.Clear(stateDirectory, given);
        if (cleared.Error != given.Error)
            throw new RuntimeException("launch", cleared.Error ?? "");
    }

    private static ExitRecord Unknown(string error) => new() { ExitCode = 255, FinishedAt = TimeProvider.System.GetUtcNow(), Error = error };

    /// <summary>Hangs up. If the container has ended, waits a moment for the supervisor to end too, to reap it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_exited.Task.IsCompleted)
            await Task.WhenAny(_listening, Task.Delay(s_hangUpLimit)).ConfigureAwait(false);
        _isHungUp = true;
        _connection.Dispose();
        await _listening.ConfigureAwait(false);
    }
}
