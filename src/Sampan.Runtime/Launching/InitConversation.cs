using Sampan.Linux;
using Sampan.Linux.Io;

namespace Sampan.Runtime.Launching;

/// <summary>
/// The launcher's side of the talk with init. It knows its phase and refuses a message that is early, late or comes twice, so a compromised
/// or mistaken child cannot lead the launcher.
/// </summary>
internal sealed class InitConversation(MessageSocket socket) : IDisposable
{
    private enum Phase
    {
        Preparing,
        HooksDone,
        ConsoleGiven,
        Ready,
        Started,
        Ended,
    }

    private Phase _phase = Phase.Preparing;

    /// <summary>Tells a clone in a user namespace that its ids are mapped.</summary>
    internal void GiveIds() => socket.Send([(byte)InitMessage.Continue]);

    /// <summary>Follows init until it waits for the start.</summary>
    /// <param name="onNamespaces">Runs when the namespaces exist; null if no hook wants it: then the message is an error.</param>
    /// <returns>The terminal's master if init made one, or null.</returns>
    /// <exception cref="RuntimeException">A step of init failed, or it ended.</exception>
    internal SafeFd? AwaitReady(Action? onNamespaces)
    {
        SafeFd? console = null;
        Span<byte> buffer = stackalloc byte[MessageSocket.MaxBytes];
        while (true)
        {
            var length = socket.Receive(buffer, out var descriptor);
            switch (Next(buffer[..length], descriptor))
            {
                case InitMessage.Namespaces when onNamespaces is not null && _phase < Phase.HooksDone:
                    onNamespaces();
                    socket.Send([(byte)InitMessage.Continue]);
                    _phase = Phase.HooksDone;
                    break;
                case InitMessage.Console when descriptor is not null && _phase < Phase.ConsoleGiven:
                    console = descriptor;
                    _phase = Phase.ConsoleGiven;
                    break;
                case InitMessage.Ready when _phase < Phase.Ready:
                    _phase = Phase.Ready;
                    return console;
                case var message:
                    descriptor?.Dispose();
                    throw new RuntimeException("conversation", $"init said {message} in phase {_phase}, where it may not");
            }
        }
    }

    /// <summary>Lets init run the program, and waits until it runs.</summary>
    /// <param name="onFilter">Takes the listener of a filter to its agent; null if the filter has none: then the message is an error.</param>
    /// <exception cref="StartFailedException">The program cannot be run.</exception>
    /// <exception cref="RuntimeException">A step before it failed.</exception>
    internal void Start(Action<SafeFd>? onFilter)
    {
        if (_phase != Phase.Ready)
            throw new RuntimeException("start", $"cannot start in phase {_phase}");
        _phase = Phase.Started;
        Release(socket, onFilter);
        _phase = Phase.Ended;
    }

    /// <summary>The start by itself, over the socket on which init waits for it: execve ends the stream.</summary>
    /// <inheritdoc cref="Start"/>
    internal static void Release(MessageSocket gate, Action<SafeFd>? onFilter)
    {
        gate.Send([(byte)InitMessage.Start]);
        Span<byte> buffer = stackalloc byte[MessageSocket.MaxBytes];
        var length = gate.Receive(buffer, out var descriptor);
        using (descriptor)
        {
            if (length > 0 && buffer[0] == (byte)InitMessage.Filter && descriptor is not null && onFilter is not null)
            {
                onFilter(descriptor);
                gate.Send([(byte)InitMessage.Continue]);
                length = gate.Receive(buffer, out var late);
                late?.Dispose();
            }
        }
        if (length == 0)
            return;
        throw buffer[0] == (byte)InitMessage.Failed
            ? InitFailure.Decode(buffer[..length]).ToException()
            : new RuntimeException("conversation", $"init said {buffer[0]} after the start");
    }

    private static InitMessage Next(ReadOnlySpan<byte> message, SafeFd? descriptor)
    {
        if (message.IsEmpty)
            throw new RuntimeException("init", "init ended before it was ready (killed, perhaps for want of memory)");
        if (message[0] == (byte)InitMessage.Failed)
        {
            descriptor?.Dispose();
            throw InitFailure.Decode(message).ToException();
        }
        return (InitMessage)message[0];
    }

    public void Dispose() => socket.Dispose();
}
