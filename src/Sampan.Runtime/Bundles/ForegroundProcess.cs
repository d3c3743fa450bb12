using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;

namespace Sampan.Runtime.Bundles;

/// <summary>
/// A process that this one waits for: its signals are passed on, its terminal is joined to ours, which is in raw mode meanwhile. One thread, one loop.
/// </summary>
internal sealed class ForegroundProcess : IPollHandler, IDisposable
{
    private const int BufferSize = 16 * 1024;

    private readonly EventPoll _poll = new();
    private readonly SignalQueue _signals;
    private readonly SafeFd _stdin = new(0, ownsHandle: false);
    private readonly SafeFd _stdout = new(1, ownsHandle: false);
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferSize, pinned: true);

    /// <summary>Input that the terminal has not taken yet.</summary>
    private readonly byte[] _input = GC.AllocateUninitializedArray<byte>(BufferSize, pinned: true);
    private int _inputStart;
    private int _inputEnd;

    private SafeFd? _console;
    private TerminalMode? _mode;
    private NotifyRelay? _relay;
    private PidFd? _process;
    private ProcessExit? _exit;

    /// <summary>True while input is read whenever the terminal took the last: a file, which epoll does not watch.</summary>
    private bool _inputIsFile;

    internal ForegroundProcess() => _signals = new SignalQueue(PassedSignals.All());

    /// <summary>Takes the master of the process's terminal.</summary>
    internal void TakeConsole(SafeFd master)
    {
        _console = master;
        ByteChannel.SetNonBlocking(master);
        if (TerminalMode.IsTerminal(0))
            _mode = TerminalMode.EnterRaw(0);
        CopySize();
    }

    /// <summary>Tells the service manager when the process is ready.</summary>
    internal void TakeRelay(NotifyRelay relay)
    {
        _relay = relay;
        _poll.Watch(relay.Descriptor, PollEvents.Input, this);
    }

    /// <summary>Waits until the process has ended.</summary>
    /// <returns>Its exit code: 128 and the signal if one ended it.</returns>
    internal int Wait(PidFd process)
    {
        _process = process;
        _poll.Watch(_signals.Descriptor, PollEvents.Input, this);
        if (_console is { } console)
        {
            _poll.Watch(console, PollEvents.Input, this);
            WatchInput();
        }
        // It may have ended, and its signal been taken, before the loop began.
        Reap();
        while (_exit is null)
        {
            if (_inputIsFile && _inputStart == _inputEnd)
                ReadInput();
            _poll.Wait(_inputIsFile && _inputStart == _inputEnd ? 0 : -1);
        }
        Drain();
        return _exit.Value.ExitCode;
    }

    /// <inheritdoc/>
    public void OnReady(SafeFd descriptor, PollEvents events)
    {
        if (ReferenceEquals(descriptor, _signals.Descriptor))
            TakeSignals();
        else if (ReferenceEquals(descriptor, _stdin))
            ReadInput();
        else if (_relay is { } relay && ReferenceEquals(descriptor, relay.Descriptor))
            PassReadiness(relay);
        else
        {
            if (events.HasFlag(PollEvents.Output))
                WriteInput();
            if ((events & ~PollEvents.Output) != 0)
                CopyOutput();
        }
    }

    /// <summary>This process stays the one that the manager watches, as it lives as long as the container.</summary>
    private void PassReadiness(NotifyRelay relay)
    {
        if (relay.TryForward(mainPid: null))
            _poll.Forget(relay.Descriptor);
    }

    private void TakeSignals()
    {
        while (_signals.Take() is > 0 and var signal)
        {
            switch (signal)
            {
                case ForegroundSignals.SIGCHLD:
                    break;
                case ForegroundSignals.SIGWINCH when _console is not null:
                    CopySize();
                    break;
                default:
                    _process?.Send(signal);
                    break;
            }
        }
        Reap();
    }

    /// <summary>Orphans of a container without pid namespace come to us, too.</summary>
    private void Reap()
    {
        while (CurrentProcess.TryReapAny(out var pid, out var exit))
        {
            if (pid == _process?.Pid)
                _exit = exit;
        }
    }

    private void CopySize()
    {
        if (_console is { } console && TerminalMode.Size(0) is { } size)
            Terminal.Resize(console, (ushort)size.Rows, (ushort)size.Columns);
    }

    private void WatchInput()
    {
        try
        {
            _poll.Watch(_stdin, PollEvents.Input, this);
        }
        catch (LinuxException failure) when (failure.Errno == Errno.EPERM)
        {
            _inputIsFile = true;
        }
    }

    private void ReadInput()
    {
        var count = ByteChannel.Read(_stdin, _input);
        if (count == ByteChannel.WouldBlock)
            return;
        if (count == 0)
        {
            StopInput();
            return;
        }
        (_inputStart, _inputEnd) = (0, count);
        WriteInput();
    }

    private void WriteInput()
    {
        if (_console is not { } console)
            return;
        while (_inputStart < _inputEnd)
        {
            var count = ByteChannel.Write(console, _input.AsSpan(_inputStart.._inputEnd));
            if (count == ByteChannel.Closed)
            {
                StopInput();
                return;
            }
            if (count == ByteChannel.WouldBlock)
            {
                // No more input until this is taken.
                _poll.Forget(_stdin);
                _poll.Watch(console, PollEvents.Input | PollEvents.Output, this);
                return;
            }
            _inputStart += count;
        }
        _poll.Watch(console, PollEvents.Input, this);
        if (!_inputIsFile)
            WatchInput();
    }

    private void StopInput()
    {
        _poll.Forget(_stdin);
        (_inputStart, _inputEnd, _inputIsFile) = (0, 0, false);
    }

    /// <returns>False if there was nothing.</returns>
    private bool CopyOutput()
    {
        if (_console is not { } console)
            return false;
        var count = ByteChannel.Read(console, _buffer);
        if (count == ByteChannel.WouldBlock)
            return false;
        if (count == 0)
        {
            // Nobody holds the other side any more.
            StopInput();
            _poll.Forget(console);
            console.Dispose();
            _console = null;
            return false;
        }
        _stdout.WriteAll(_buffer.AsSpan(0, count));
        return true;
    }

    /// <summary>What the process wrote last; others may hold its terminal still, so there is no end to wait for.</summary>
    private void Drain()
    {
        StopInput();
        while (CopyOutput())
        {
        }
    }

    public void Dispose()
    {
        _mode?.Dispose();
        _console?.Dispose();
        _relay?.Dispose();
        _signals.Dispose();
        _poll.Dispose();
        _stdin.Dispose();
        _stdout.Dispose();
    }
}
