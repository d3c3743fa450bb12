using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Streams;
using Sampan.Oci.Runtime;
using Sampan.Runtime;
using Sampan.Runtime.Observation;

namespace Sampan.Engine.Supervision;

/// <summary>The line to one supervisor process.</summary>
internal sealed class RuntimeSupervisor : ISupervisor
{
    private readonly SupervisorClient _client;

    /// <summary>Takes over a connected client.</summary>
    public RuntimeSupervisor(SupervisorClient client)
    {
        _client = client;
        Exited = ExitAsync(client);
    }

    /// <inheritdoc/>
    public int InitPid => _client.InitPid;

    /// <inheritdoc/>
    public bool Started => _client.Started;

    /// <inheritdoc/>
    public Task<ExitStatus> Exited { get; }

    /// <summary>A supervisor's record as the engine's.</summary>
    public static ExitStatus Of(ExitRecord record) => new()
    {
        ExitCode = record.ExitCode,
        Signal = record.Signal,
        OomKilled = record.OomKilled,
        FinishedAt = record.FinishedAt,
        Error = record.Error,
    };

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken ct) => RefusableAsync(async () =>
    {
        await _client.StartAsync(ct);
        return true;
    });

    /// <inheritdoc/>
    public Task SignalAsync(int signal, bool all, CancellationToken ct) => _client.SignalAsync(signal, all, ct);

    /// <inheritdoc/>
    public Task ResizeAsync(TerminalSize size, CancellationToken ct) => _client.ResizeAsync(size.Rows, size.Columns, ct);

    /// <inheritdoc/>
    public async Task<Wire> AttachAsync(bool stdin, bool stdout, bool stderr, CancellationToken ct) =>
        Wired(await _client.AttachAsync(new AttachRequest { Stdin = stdin, Stdout = stdout, Stderr = stderr }, ct));

    /// <inheritdoc/>
    public Task<IRunningExec> ExecAsync(string execId, OciProcess process, bool stdin, bool stdout, bool stderr, CancellationToken ct) => RefusableAsync<IRunningExec>(async () =>
        new RunningExec(InitPid, await _client.ExecAsync(new ExecLaunch { ExecId = execId, Process = process, Stdin = stdin, Stdout = stdout, Stderr = stderr }, ct)));

    /// <inheritdoc/>
    public Task PauseAsync(CancellationToken ct) => _client.PauseAsync(ct);

    /// <inheritdoc/>
    public Task ResumeAsync(CancellationToken ct) => _client.ResumeAsync(ct);

    /// <inheritdoc/>
    public Task UpdateAsync(Resources resources, CancellationToken ct) => _client.UpdateAsync(resources, ct);

    /// <inheritdoc/>
    public async Task<bool> KeepAsync(IReadOnlyList<SafeHandle> files, CancellationToken ct)
    {
        try
        {
            await _client.KeepAsync(files, ct);
            return true;
        }
        catch (RuntimeException)
        {
            return false; // of an earlier version, or the container ended
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SafeFileHandle>> KeptAsync(CancellationToken ct)
    {
        try
        {
            return await _client.KeptAsync(ct);
        }
        catch (RuntimeException)
        {
            return []; // as above
        }
    }

    /// <inheritdoc/>
    public Task<long> WaitLogAsync(long knownBytes, CancellationToken ct) => _client.WaitLogAsync(knownBytes, ct);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private static Wire Wired(SupervisorStream stream) => new(stream, stream.CloseWriteAsync);

    private static async Task<ExitStatus> ExitAsync(SupervisorClient client) => Of(await client.Exited);

    private static async Task<T> RefusableAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (StartFailedException refused)
        {
            throw new StartRefusedException(refused.Message, refused.ExitCode, refused);
        }
    }

    private sealed class RunningExec(int initPid, ExecSession session) : IRunningExec
    {
        public int Pid => session.Pid;

        public Wire? Wire { get; } = session.Stream is { } stream ? Wired(stream) : null;

        public Task<ExitStatus> Exited { get; } = EndAsync(session);

        public void Kill()
        {
            if (!Exited.IsCompleted)
                ProcessFamily.Kill(initPid, Pid);
        }

        public Task ResizeAsync(TerminalSize size, CancellationToken ct) => session.ResizeAsync(size.Rows, size.Columns, ct);

        private static async Task<ExitStatus> EndAsync(ExecSession session) => Of(await session.Exited);
    }
}
