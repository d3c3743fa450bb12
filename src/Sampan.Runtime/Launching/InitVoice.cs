using Sampan.Linux;
using Sampan.Linux.Io;

namespace Sampan.Runtime.Launching;

/// <summary>Init's side of the conversation.</summary>
internal sealed class InitVoice(MessageSocket socket)
{
    private MessageSocket _socket = socket;

    /// <summary>The socket of the conversation; it closes at execve.</summary>
    internal SafeFd Descriptor => _socket.Descriptor;

    /// <summary>Waits until the launcher has mapped the ids of the user namespace.</summary>
    internal void AwaitIds() => Expect(InitMessage.Continue);

    /// <summary>Says that the namespaces exist and waits until the hooks outside have run.</summary>
    internal void AwaitHooks()
    {
        _socket.Send([(byte)InitMessage.Namespaces]);
        Expect(InitMessage.Continue);
    }

    /// <summary>Hands the terminal's master over.</summary>
    internal void GiveConsole(SafeFd master) => _socket.Send([(byte)InitMessage.Console], master);

    /// <summary>Says that everything is prepared.</summary>
    internal void SayReady() => _socket.Send([(byte)InitMessage.Ready]);

    /// <summary>Waits for the start, from the launcher or, if there is a gate, from whoever comes through it.</summary>
    internal void AwaitStart(MessageListener? gate, bool trustGate = false)
    {
        if (gate is not null)
            _socket = gate.Accept(trustGate);
        Expect(InitMessage.Start);
    }

    /// <summary>Hands the listener of a filter over and waits until the agent has it.</summary>
    internal void GiveFilter(SafeFd listener)
    {
        _socket.Send([(byte)InitMessage.Filter], listener);
        Expect(InitMessage.Continue);
    }

    /// <summary>Reports a failure, as well as that goes.</summary>
    internal void SayFailed(InitFailure failure)
    {
        try
        {
            _socket.Send(failure.Encode());
        }
        catch (LinuxException)
        {
            // The launcher is gone: nobody is left to be told, and the exit status says the rest.
        }
    }

    private void Expect(InitMessage expected)
    {
        Span<byte> buffer = stackalloc byte[16];
        var length = _socket.Receive(buffer, out var descriptor);
        descriptor?.Dispose();
        if (length != 1 || buffer[0] != (byte)expected)
            throw new RuntimeException("conversation", length == 0 ? $"the launcher ended before it said {expected}" : $"the launcher said {buffer[0]} instead of {expected}");
    }
}
