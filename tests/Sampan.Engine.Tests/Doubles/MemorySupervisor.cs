using System.IO.Pipelines;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Streams;
using Sampan.Engine.Supervision;
using Sampan.Oci.Runtime;

namespace Sampan.Engine.Tests.Doubles;

/// <summary>One in-memory container.</summary>
internal sealed class MemorySupervisor(MemorySupervisors home, LaunchOrder order, int pid) : ISupervisor
{
    private readonly TaskCompletionSource<ExitStatus> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _logEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _logEndsTold;

    public LaunchOrder Order { get; } = order;

    public List<(int Signal, bool All)> Signals { get; } = [];

    public List<MemoryWire> Wires { get; } = [];

    public List<OciProcess> Execs { get; } = [];

    public Resources? Updated { get; private set; }

    public bool Frozen { get; private set; }

    /// <summary>Signals that end the program; by default all do.</summary>
    public Func<int, bool> Heeds { get; set; } = _ => true;

    /// <summary>Thrown by the next signal.</summary>
    public Exception? SignalFailure { get; set; }

    /// <summary>Thrown by the next exec.</summary>
    public Exception? ExecFailure { get; set; }

    /// <summary>Thrown by the next pause, resume, resize or update.</summary>
    public Exception? RequestFailure { get; set; }

    /// <summary>Makes the execs; null, or where it answers null: one that has ended with code 7.</summary>
    public Func<OciProcess, IRunningExec?>? NextExec { get; set; }

    public int InitPid => pid;

    public bool Started { get; private set; }

    public Task<ExitStatus> Exited => _exited.Task;

    public Task StartAsync(CancellationToken ct)
    {
        if (home.StartFailure is { } failure)
        {
            End(127);
            return Task.FromException(failure);
        }

        Started = true;
        return Task.CompletedTask;
    }

    /// <summary>The program ends.</summary>
    public void End(int code, int? signal = null, bool oom = false)
    {
        var status = new ExitStatus { ExitCode = code, Signal = signal, OomKilled = oom, FinishedAt = TimeProvider.System.GetUtcNow() };
        home.LastWords[Order.StateDirectory] = status;
        home.Living.TryRemove(Order.StateDirectory, out _);
        foreach (var wire in Wires)
            wire.ProgramEnds();
        _exited.TrySetResult(status);
    }

    public Task SignalAsync(int signal, bool all, CancellationToken ct)
    {
        if (SignalFailure is { } failure)
            return Task.FromException(failure);
        Signals.Add((signal, all));
        if (signal == 9 || (!Frozen && Heeds(signal)))
            End(128 + signal, signal);
        return Task.CompletedTask;
    }

    public Task ResizeAsync(TerminalSize size, CancellationToken ct) => RequestFailure is { } failure ? Task.FromException(failure) : Task.CompletedTask;

    public Task<Wire> AttachAsync(bool stdin, bool stdout, bool stderr, CancellationToken ct)
    {
        var wire = new MemoryWire { BeforeStart = !Started };
        Wires.Add(wire);
        return Task.FromResult(new Wire(wire.EngineEnd, wire.CloseInputAsync));
    }

    public Task<IRunningExec> ExecAsync(string execId, OciProcess process, bool stdin, bool stdout, bool stderr, CancellationToken ct)
    {
        if (ExecFailure is { } failure)
            return Task.FromException<IRunningExec>(failure);
        Execs.Add(process);
        return Task.FromResult(NextExec?.Invoke(process) ?? new MemoryExec());
    }

    public Task PauseAsync(CancellationToken ct)
    {
        if (RequestFailure is { } failure)
            return Task.FromException(failure);
        Frozen = true;
        return Task.CompletedTask;
    }

    public Task ResumeAsync(CancellationToken ct)
    {
        if (RequestFailure is { } failure)
            return Task.FromException(failure);
        Frozen = false;
        foreach (var (signal, _) in Signals.ToList())
        {
            if (Heeds(signal))
                End(128 + signal, signal);
        }

        return Task.CompletedTask;
    }

    public Task UpdateAsync(Resources resources, CancellationToken ct)
    {
        if (RequestFailure is { } failure)
            return Task.FromException(failure);
        Updated = resources;
        return Task.CompletedTask;
    }

    public Task<bool> KeepAsync(IReadOnlyList<SafeHandle> files, CancellationToken ct) => Task.FromResult(false);

    public Task<IReadOnlyList<SafeFileHandle>> KeptAsync(CancellationToken ct) => Task.FromResult<IReadOnlyList<SafeFileHandle>>([]);

    public async Task<long> WaitLogAsync(long knownBytes, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (knownBytes < 0 && !_exited.Task.IsCompleted && !_logEnded.Task.IsCompleted)
            return 0;
        await Task.WhenAny(_exited.Task, _logEnded.Task).WaitAsync(ct);
        Interlocked.Increment(ref _logEndsTold);
        return -1;
    }

    /// <summary>Nothing more is logged; the exit is told later.</summary>
    public void EndLog() => _logEnded.TrySetResult();

    /// <summary>How often somebody was told that the log has ended.</summary>
    public int LogEndsTold => Volatile.Read(ref _logEndsTold);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class MemoryExec : IRunningExec
    {
        public int Pid => 4242;

        public Wire? Wire => null;

        public Task<ExitStatus> Exited { get; } = Task.FromResult(new ExitStatus { ExitCode = 7, FinishedAt = TimeProvider.System.GetUtcNow() });

        public void Kill()
        {
            // It has ended already.
        }

        public Task ResizeAsync(TerminalSize size, CancellationToken ct) => Task.CompletedTask;
    }
}

/// <summary>Two pipes: what the program writes, and what it reads.</summary>
internal sealed class MemoryWire
{
    private readonly Pipe _output = new();
    private readonly Pipe _input = new();

    public MemoryWire() => EngineEnd = new Duplex(_output.Reader.AsStream(), _input.Writer.AsStream());

    public required bool BeforeStart { get; init; }

    public Stream EngineEnd { get; }

    public Stream ProgramInput => _input.Reader.AsStream();

    public async Task WriteAsync(byte[] bytes) => await _output.Writer.WriteAsync(bytes);

    public void ProgramEnds() => _output.Writer.Complete();

    public async Task CloseInputAsync() => await _input.Writer.CompleteAsync();

    private sealed class Duplex(Stream read, Stream write) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush() => write.Flush();

        public override int Read(byte[] buffer, int offset, int count) => read.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken ct = default) => read.ReadAsync(buffer, ct);

        public override void Write(byte[] buffer, int offset, int count) => write.Write(buffer, offset, count);

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken ct = default)
        {
            await write.WriteAsync(buffer, ct);
            await write.FlushAsync(ct);
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
