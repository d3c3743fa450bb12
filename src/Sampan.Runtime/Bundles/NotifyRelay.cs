using System.Globalization;
using System.Text;
using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Bundles;

/// <summary>
/// A container's way to tell the service manager that it is ready. The manager's own socket would let it tell anything; so it gets one of its own, of
/// which nothing but <c>READY=</c> is passed on.
/// </summary>
internal sealed class NotifyRelay : IDisposable
{
    private const string DirectoryName = "notify";
    private const string SocketName = "notify.sock";
    private const string InContainer = "/run/notify";
    private const int BarrierMilliseconds = 30_000;
    private const UnixFileMode Mode755 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly MessageSocket _socket;
    private readonly Action<string> _warn;
    private readonly byte[] _buffer = new byte[MessageSocket.MaxBytes];

    private NotifyRelay(MessageSocket socket, Action<string> warn) => (_socket, _warn) = (socket, warn);

    /// <summary>Readable when the container says something.</summary>
    internal SafeFd Descriptor => _socket.Descriptor;

    /// <summary>Makes the directory of the socket, which the container sees at <c>/run/notify</c>; the socket comes with the start.</summary>
    /// <param name="spec">The specification.</param>
    /// <param name="stateDirectory">Directory of the container's state.</param>
    internal static RuntimeSpec AddTo(RuntimeSpec spec, string stateDirectory)
    {
        var directory = $"{stateDirectory}/{DirectoryName}";
        HostFile.CreateDirectory(directory, Mode755);
        var mount = new Mount { Destination = InContainer, Type = "bind", Source = directory, Options = ["bind", "nosuid", "noexec", "nodev", "ro"] };
        return spec with { Mounts = [.. spec.Mounts, mount], Process = spec.Process is { } process ? process with { Env = [.. process.Env, $"NOTIFY_SOCKET={InContainer}/{SocketName}"] } : null };
    }

    /// <summary>Opens the socket; null, with a warning, if the container was created without one.</summary>
    internal static NotifyRelay? TryOpen(string stateDirectory, Action<string> warn)
    {
        var directory = $"{stateDirectory}/{DirectoryName}";
        if (Directory.Exists(directory))
            return new NotifyRelay(MessageSocket.BindDatagrams(directory, SocketName), warn);
        warn("NOTIFY_SOCKET is set, but the container was created without: nobody will be told when it is ready");
        return null;
    }

    /// <summary>Waits until the container is ready, or has ended; tells it, which process it is now, and waits until the manager has taken that.</summary>
    internal void Follow(PidFd init)
    {
        using var poll = new EventPoll();
        var wait = new Readiness(this, init);
        poll.Watch(Descriptor, PollEvents.Input, wait);
        poll.Watch(init.Descriptor, PollEvents.Input, wait);
        while (!wait.IsOver)
            poll.Wait(-1);
    }

    /// <summary>Takes a message; if it says ready, passes that on.</summary>
    /// <param name="mainPid">The process that the manager shall watch from now on, or null to leave that.</param>
    /// <returns>True if it did: nothing more is waited for.</returns>
    internal bool TryForward(int? mainPid)
    {
        if (ServiceManager.Socket is not { } address || TakeReady() is not { } ready)
            return false;
        try
        {
            Tell(address, ready, mainPid);
        }
        catch (LinuxException failure)
        {
            // The container runs, whether or not anybody hears of it.
            _warn($"nobody was told that the container is ready: {failure.Message}");
        }
        return true;
    }

    private static void Tell(string address, string ready, int? mainPid)
    {
        using var manager = MessageSocket.ConnectDatagrams(address);
        manager.Send(Encoding.UTF8.GetBytes(ready + "\n"));
        if (mainPid is not { } pid)
            return;
        manager.Send(Encoding.ASCII.GetBytes($"MAINPID={pid.ToString(CultureInfo.InvariantCulture)}\n"));
        AwaitTaken(manager);
    }

    /// <summary>The line that says so, of a message that the container sent; null if there is none.</summary>
    private string? TakeReady()
    {
        int length;
        SafeFd? descriptor;
        try
        {
            length = _socket.Receive(_buffer, out descriptor);
        }
        catch (LinuxException failure) when (failure.Errno == Errno.EOVERFLOW)
        {
            return null; // no manager would take such a message
        }
        descriptor?.Dispose();
        foreach (var line in Encoding.UTF8.GetString(_buffer.AsSpan(0, length)).Split('\n'))
        {
            if (line.StartsWith("READY=", StringComparison.Ordinal))
                return line;
        }
        return null;
    }

    /// <summary>The manager closes the descriptor when it has read what came before: until then this process must be there, as it is asked whose messages they are.</summary>
    private static void AwaitTaken(MessageSocket manager)
    {
        var (reader, writer) = ByteChannel.Pipe();
        using (reader)
        {
            using (writer)
                manager.Send("BARRIER=1"u8, writer);
            using var poll = new EventPoll();
            var closed = new Closed();
            poll.Watch(reader, PollEvents.Input, closed);
            poll.Wait(BarrierMilliseconds);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    /// <summary>Ready, or ended.</summary>
    private sealed class Readiness(NotifyRelay relay, PidFd init) : IPollHandler
    {
        internal bool IsOver { get; private set; }

        public void OnReady(SafeFd descriptor, PollEvents events) => IsOver |= ReferenceEquals(descriptor, init.Descriptor) || relay.TryForward(init.Pid);
    }

    /// <summary>Nothing is left to do.</summary>
    private sealed class Closed : IPollHandler
    {
        public void OnReady(SafeFd descriptor, PollEvents events)
        {
            // The wait is over.
        }
    }
}
