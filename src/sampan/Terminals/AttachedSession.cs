using System.Net.Sockets;
using Sampan.Cli.Output;
using Sampan.DockerApi.Client;
using Sampan.DockerApi.Streams;
using Sampan.Linux.Io;

namespace Sampan.Cli.Terminals;

/// <summary>
/// Joins our standard streams with a container's: input until it ends (then the container reads the end, too), output until
/// the engine closes it, raw mode meanwhile if it has a terminal.
/// </summary>
internal sealed class AttachedSession : IDisposable
{
    private readonly HijackedStream _stream;
    private readonly StandardIo _io;
    private readonly bool _tty;
    private readonly bool _hasInput;
    private readonly bool _hasOutput;
    private readonly DetachScanner? _scanner;
    private readonly TerminalMode? _raw;
    private readonly TerminationGuard? _guard;
    private readonly TaskCompletionSource _detached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="stream">The hijacked connection.</param>
    /// <param name="io">Our streams.</param>
    /// <param name="tty">Whether the container has a terminal: output comes unframed.</param>
    /// <param name="input">Whether our input goes to it.</param>
    /// <param name="output">Whether its output comes to us.</param>
    /// <param name="detachKeys">The keys that detach.</param>
    /// <param name="signalsGoOn">Whether signals are passed on to the container, so that they do not end us.</param>
    public AttachedSession(HijackedStream stream, StandardIo io, bool tty, bool input, bool output, byte[] detachKeys, bool signalsGoOn = false)
    {
        (_stream, _io, _tty, _hasInput, _hasOutput) = (stream, io, tty, input, output);
        if (!tty || !input || !StandardIo.InIsTerminal) return;
        _scanner = new DetachScanner(detachKeys);
        _raw = TerminalMode.EnterRaw(0);
        if (!signalsGoOn) _guard = new TerminationGuard(_raw.Dispose);
    }

    /// <summary>Copies until the container's output ends (false) or the user detaches (true).</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var input = _hasInput ? Task.Run(CopyInputAsync, cancellationToken) : Task.CompletedTask;
        if (!_hasInput && !_tty) _stream.CloseWrite();
        var output = _hasOutput ? CopyOutputAsync(cancellationToken) : input;
        var first = await Task.WhenAny(output, _detached.Task).ConfigureAwait(false);
        if (first == _detached.Task) return true;
        await output.ConfigureAwait(false);
        return false;
    }

    public void Dispose()
    {
        _raw?.Dispose();
        _guard?.Dispose();
        _stream.Dispose();
    }

    /// <summary>Gives the terminal its mode back, for messages after the session.</summary>
    public void Restore() => _raw?.Dispose();

    private async Task CopyOutputAsync(CancellationToken cancellationToken)
    {
        _io.Flush();
        try
        {
            if (_tty) await _stream.CopyToAsync(_io.OutStream, cancellationToken).ConfigureAwait(false);
            else await StreamDemultiplexer.CopyAsync(_stream, _io.OutStream, _io.ErrorStream, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // The engine dropped the connection with input of ours unread: the container has ended.
        }
    }

    private async Task CopyInputAsync()
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (true)
            {
                // A blocking read: terminals and pipes have no other, and the process's end ends it.
                int n = _io.In.Read(buffer);
                if (n == 0) break;
                bool detached = false;
                ReadOnlyMemory<byte> typed = _scanner is null ? buffer.AsMemory(0, n) : _scanner.Pass(buffer.AsSpan(0, n), out detached);
                if (!typed.IsEmpty) await _stream.WriteAsync(typed).ConfigureAwait(false);
                if (!detached) continue;
                _detached.TrySetResult();
                return;
            }
            _stream.CloseWrite();
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            // The container has ended while we still had input: its output tells the rest.
        }
    }
}
