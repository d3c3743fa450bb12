using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Runtime.Launching;
using Sampan.Runtime.Observation;

namespace Sampan.Runtime.Supervision;

/// <summary>Few descriptors, or none: nobody is kept from what runs for ever, and the container does not notice.</summary>
internal sealed partial class Supervisor
{
    // For the files of the container's end, and for a daemon that comes anew.
    private const int Spare = 16;
    private const int PauseMilliseconds = 100;

    private long? _listensAgainAt;

    /// <summary>Takes a client. If the kernel has no descriptor or no memory for it, it waits: the socket is left alone for a moment, as it would be ready at once again, for as long as that lasts.</summary>
    private void Accept()
    {
        SafeFd? client;
        try
        {
            client = ByteChannel.Accept(_listener.Descriptor);
        }
        catch (LinuxException)
        {
            _poll.Forget(_listener.Descriptor);
            _listensAgainAt = Environment.TickCount64 + PauseMilliseconds;
            return;
        }
        if (client is null)
            return;
        try
        {
            Greet(client);
        }
        catch (LinuxException failure)
        {
            Refuse(client, failure);
        }
    }

    // It has a message's worth of room in its socket: nobody has written to it yet.
    private static void Refuse(SafeFd client, LinuxException failure)
    {
        using (client)
            _ = ByteChannel.Write(client, ControlHeader.Message(ControlKind.Failed, 0, InitFailure.From("connect", failure).Encode()));
    }

    /// <summary>Listens again if the pause is over.</summary>
    /// <returns>Milliseconds until then, or -1 if there is none.</returns>
    private int ListenAgain()
    {
        if (_listensAgainAt is not { } at || _exit is not null)
            return -1;
        var left = at - Environment.TickCount64;
        if (left > 0)
            return (int)left;
        try
        {
            _poll.Watch(_listener.Descriptor, PollEvents.Input, this);
            _listensAgainAt = null;
            return -1;
        }
        catch (LinuxException)
        {
            _listensAgainAt = Environment.TickCount64 + PauseMilliseconds;
            return PauseMilliseconds;
        }
    }

    /// <summary>Refuses what would keep descriptors while there are few.</summary>
    private static void RequireRoom(string step)
    {
        if (OwnDescriptors.AreFewerThan(Spare))
            throw new RuntimeException(step, $"too many open files: the container's supervisor may have {OwnDescriptors.Limit} and has nearly as many: end execs and attached clients of the container, or start it anew by a daemon that may have more ('LimitNOFILE=' of its unit, 'ulimit -n')");
    }
}
