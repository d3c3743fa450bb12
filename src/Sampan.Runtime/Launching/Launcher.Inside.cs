using System.Buffers.Binary;
using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;

namespace Sampan.Runtime.Launching;

/// <summary>Clones that are born inside of a user namespace.</summary>
internal static partial class Launcher
{
    private const int ClonedSize = 1 + sizeof(int);

    /// <summary>
    /// Namespaces belong to the user namespace that their maker is in, and a process that joined one cannot leave it. So a go-between joins and clones:
    /// <code>
    ///   launcher          go-between          init
    ///      │──── clone ───────▶│                 │
    ///      │                   │ joins           │
    ///      │                   │─ clone (sibling)▶│
    ///      │◀── Cloned + fd ───│ ends            │
    ///      │◀──────────── the conversation ──────│
    /// </code>
    /// The second clone is the launcher's own child: CLONE_PARENT.
    /// </summary>
    /// <param name="join">Joins what is to be joined; runs in the go-between.</param>
    /// <param name="between">The v2 group that the go-between is born in, see <see cref="ProcessClone.Clone"/>.</param>
    /// <param name="made">Namespaces that the second clone gets anew.</param>
    /// <param name="cgroup">The v2 group that the second clone is born in.</param>
    /// <param name="child">What the second clone does.</param>
    private static LaunchedProcess CloneInside(Action join, SafeFd? between, NamespaceTypes made, SafeFd? cgroup, Action<InitVoice> child)
    {
        var (ours, theirs) = MessageSocket.Pair();
        var (near, far) = MessageSocket.Pair();
        try
        {
            using var first = ProcessClone.Clone(NamespaceTypes.None, between);
            if (first is null)
                GoBetween(join, made, cgroup, far, inside =>
                {
                    ours.Dispose();
                    near.Dispose();
                    child(inside);
                }, theirs);
            far.Dispose();
            var process = AwaitCloned(near);
            first?.Reap();
            return new LaunchedProcess(process, new InitConversation(ours));
        }
        catch
        {
            ours.Dispose();
            throw;
        }
        finally
        {
            near.Dispose();
            far.Dispose();
            theirs.Dispose();
        }
    }

    /// <summary>Makes a namespace that belongs to a user namespace, and has it kept: it goes with the process that it was made for.</summary>
    /// <param name="users">The user namespace.</param>
    /// <param name="kind">The one to make.</param>
    /// <param name="name">Its file below <c>/proc/PID/ns</c>.</param>
    /// <param name="keep">Keeps it.</param>
    internal static void MakeInside(SafeFd users, NamespaceTypes kind, string name, Action<SafeFd> keep)
    {
        var launched = CloneInside(() => CurrentProcess.Join(users, NamespaceTypes.User, "of the containers"), between: null, kind, cgroup: null, static voice => WaitForTheEnd(voice));
        try
        {
            using var made = NamespaceFile.Open($"/proc/{launched.Process.Pid}/ns/{name}");
            keep(made);
        }
        finally
        {
            launched.Abandon();
        }
    }

    /// <summary>The go-between's whole life. Never returns.</summary>
    private static void GoBetween(Action join, NamespaceTypes made, SafeFd? cgroup, MessageSocket launcher, Action<InitVoice> child, MessageSocket voice)
    {
        try
        {
            join();
            using var process = ProcessClone.Clone(made, cgroup, asSibling: true);
            if (process is null)
            {
                launcher.Dispose();
                child(new InitVoice(voice));
                CurrentProcess.Exit(1);
            }
            Span<byte> message = stackalloc byte[ClonedSize];
            message[0] = (byte)InitMessage.Cloned;
            BinaryPrimitives.WriteInt32LittleEndian(message[1..], process.Pid);
            launcher.Send(message, process.Descriptor);
            CurrentProcess.Exit(0);
        }
        catch (Exception failure)
        {
            new InitVoice(launcher).SayFailed(InitFailure.From("namespaces", failure));
        }
        CurrentProcess.Exit(1);
    }

    private static PidFd AwaitCloned(MessageSocket between)
    {
        Span<byte> buffer = stackalloc byte[MessageSocket.MaxBytes];
        var length = between.Receive(buffer, out var descriptor);
        if (length == ClonedSize && buffer[0] == (byte)InitMessage.Cloned && descriptor is not null)
            return PidFd.Adopt(BinaryPrimitives.ReadInt32LittleEndian(buffer[1..]), descriptor);
        descriptor?.Dispose();
        throw length > 0 && buffer[0] == (byte)InitMessage.Failed
            ? InitFailure.Decode(buffer[..length]).ToException()
            : new RuntimeException("namespaces", "the process that joins the container's namespaces ended before it was done");
    }
}
