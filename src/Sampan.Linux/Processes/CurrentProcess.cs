using System.Diagnostics.CodeAnalysis;
using System.Text;
using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Processes;

/// <summary>Acts of a process on itself. All are safe between clone and execve: they touch no other thread, no timer, no console.</summary>
public static unsafe partial class CurrentProcess
{
    private const int LastSignal = 64;
    private const int SigactionSize = 152;

    /// <summary>Closes this process to ptrace and /proc inspection by processes without privilege over it; execve of an ordinary program opens it again (CVE-2016-9962).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetNonDumpable() => Sys.Check(Sys.prctl(Sys.PR_SET_DUMPABLE, 0, 0, 0, 0), "make the process non-dumpable");

    /// <summary>Opens this process again: its files in /proc belong to its own user then, not to root of the host.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetDumpable() => Sys.Check(Sys.prctl(Sys.PR_SET_DUMPABLE, 1, 0, 0, 0), "make the process dumpable");

    /// <summary>Asks for a signal when the parent thread ends. Changing user or group ids clears it: ask again afterwards.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetParentDeathSignal(int signal) => Sys.Check(Sys.prctl(Sys.PR_SET_PDEATHSIG, (nuint)signal, 0, 0, 0), "set the parent death signal");

    /// <summary>Makes this process the parent of orphans among its descendants.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void BecomeSubreaper() => Sys.Check(Sys.prctl(Sys.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "become a sub-reaper");

    /// <summary>Sets the name that ps shows; the kernel keeps 15 bytes.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetName(string name)
    {
        Span<byte> text = stackalloc byte[64];
        text.Clear();
        Encoding.UTF8.TryGetBytes(name, text[..63], out _);
        fixed (byte* start = text)
            Sys.Check(Sys.prctl(Sys.PR_SET_NAME, (nuint)start, 0, 0, 0), "set the process name");
    }

    /// <summary>Becomes leader of a new session without a terminal. A process that leads its group already stays what it is.</summary>
    public static void BecomeSessionLeader() => _ = Sys.setsid();

    /// <summary>The id of this process; unlike <see cref="Environment.ProcessId"/> also right in a clone.</summary>
    public static int ReadPid() => Sys.getpid();

    /// <summary>Sets the file mode creation mask.</summary>
    public static void SetUmask(uint mask) => _ = Sys.umask(mask);

    /// <summary>Joins the namespaces of a file of /proc/PID/ns or of a process.</summary>
    /// <param name="source">An open namespace file, or a pidfd.</param>
    /// <param name="types">The kinds to join: one for a file, any for a pidfd.</param>
    /// <param name="name">What to call the source in messages.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Join(SafeFd source, NamespaceTypes types, string name) =>
        Sys.Check(Sys.setns(source.Number, (int)types), $"join {types.ToString().ToLowerInvariant()} namespace", name);

    /// <summary>Makes namespaces and enters them (a pid namespace: for future children).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Unshare(NamespaceTypes types) =>
        Sys.Check(Sys.unshare((int)types), $"make {types.ToString().ToLowerInvariant()} namespace");

    /// <summary>Sets user, group and supplementary groups: groups first, as they need the privilege that the user change gives up.</summary>
    /// <param name="uid">User id, all three of them.</param>
    /// <param name="gid">Group id, all three of them.</param>
    /// <param name="groups">Supplementary groups: exactly these (CVE-2022-36109).</param>
    /// <param name="setGroups">False where a user namespace denies setgroups(2).</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetIds(uint uid, uint gid, ReadOnlySpan<uint> groups, bool setGroups)
    {
        if (setGroups)
            Sys.Check(Sys.setgroups(groups), "set supplementary groups");
        Sys.Check(Sys.setresgid(gid), "set group id", gid.ToString());
        Sys.Check(Sys.setresuid(uid), "set user id", uid.ToString());
    }

    /// <summary>Sets a resource limit.</summary>
    /// <param name="resource">Number of the resource (RLIMIT_NOFILE is 7).</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="soft">Soft limit.</param>
    /// <param name="hard">Hard limit.</param>
    /// <exception cref="LinuxException">EPERM: the hard limit is above the present one and CAP_SYS_RESOURCE is missing.</exception>
    public static void SetLimit(int resource, string name, ulong soft, ulong hard)
    {
        var limit = new Sys.ResourceLimit { Soft = soft, Hard = hard };
        if (Sys.prlimit(0, resource, &limit, null) == 0)
            return;
        var errno = Sys.LastErrno;
        Sys.ResourceLimit now;
        var present = Sys.prlimit(0, resource, null, &now) == 0 ? $" (the hard limit is {now.Hard} here)" : "";
        throw new LinuxException($"set {name} to {soft}:{hard}{present}", errno);
    }

    /// <summary>Sets the host name of the UTS namespace.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetHostname(string name)
    {
        var text = Encoding.UTF8.GetBytes(name);
        fixed (byte* start = text)
            Sys.Check(Sys.sethostname(start, (nuint)text.Length), "set the host name", name);
    }

    /// <summary>Sets the NIS domain name of the UTS namespace.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetDomainname(string name)
    {
        var text = Encoding.UTF8.GetBytes(name);
        fixed (byte* start = text)
            Sys.Check(Sys.setdomainname(start, (nuint)text.Length), "set the domain name", name);
    }

    /// <summary>Gives every signal its default disposition and unblocks all: ignored and blocked signals survive execve, and .NET ignores SIGPIPE.</summary>
    public static void ResetSignals()
    {
        // By the system call: libc refuses its own two signals, which a parent without libc may have ignored.
        var action = stackalloc byte[SigactionSize];
        new Span<byte>(action, SigactionSize).Clear();
        for (var signal = 1; signal <= LastSignal; signal++)
            _ = Sys.rt_sigaction(signal, action); // SIGKILL and SIGSTOP cannot be changed
        var none = default(SignalSet);
        _ = Sys.pthread_sigmask(Sys.SIG_SETMASK, &none, null);
    }

    /// <summary>Blocks every signal in this thread; threads made later and programs started later inherit it.</summary>
    public static void BlockAllSignals()
    {
        var all = SignalSet.All();
        _ = Sys.pthread_sigmask(Sys.SIG_SETMASK, &all, null);
    }

    /// <summary>True if a signal is blocked in this thread; in the main thread at the start: if the process was started so.</summary>
    public static bool IsBlocked(int signal)
    {
        var mask = default(SignalSet);
        _ = Sys.pthread_sigmask(Sys.SIG_BLOCK, null, &mask);
        return (mask[0] & (1UL << (signal - 1))) != 0;
    }

    /// <summary>Marks every descriptor from <paramref name="first"/> on close-on-exec, so that no descriptor of the host reaches the program (CVE-2024-21626).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void CloseOnExecFrom(int first) =>
        Sys.Check(Sys.close_range((uint)first, uint.MaxValue, Sys.CLOSE_RANGE_CLOEXEC), "mark descriptors close-on-exec");

    /// <summary>Changes the working directory.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void ChangeDirectory(string path) => Sys.Check(Sys.chdir(path), "change directory to", path);

    /// <summary>The working directory as the kernel tells it: it starts with <c>(unreachable)</c> when it lies outside of the root.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static string ReadWorkingDirectory()
    {
        const int PathMax = 4096;
        var buffer = stackalloc byte[PathMax];
        var length = Sys.Check(Sys.getcwd(buffer, PathMax), "read the working directory");
        return Encoding.UTF8.GetString(buffer, (int)Math.Max(0, length - 1));
    }

    /// <summary>Makes a descriptor a standard stream.</summary>
    /// <param name="source">An open file.</param>
    /// <param name="number">0, 1 or 2.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetStream(SafeFd source, int number)
    {
        if (source.Number == number)
            Sys.Check(Sys.fcntl(number, Sys.F_SETFD, 0), "keep standard stream", number.ToString());
        else
            Sys.Check(Sys.dup3(source.Number, number, 0), "set standard stream", number.ToString());
    }

    /// <summary>Sets the execution domain.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetPersonality(uint persona) => Sys.Check(Sys.personality(persona), "set the personality");

    /// <summary>Writes a number to a file of this process in a /proc of the host.</summary>
    /// <param name="name">For example <c>oom_score_adj</c>.</param>
    /// <param name="value">The text to write.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void WriteProc(string name, string value)
    {
        using var file = OpenProc(name);
        Sys.Check(Sys.WriteAll(file.Number, Encoding.UTF8.GetBytes(value)), $"write {value} to", "/proc/self/" + name);
    }

    /// <summary>Opens a file of this process in a /proc of the host for writing.</summary>
    /// <param name="name">For example <c>attr/exec</c>.</param>
    /// <exception cref="LinuxException">The kernel refused, or it is no file of procfs (EXDEV).</exception>
    public static SafeFd OpenProc(string name)
    {
        var path = "/proc/self/" + name;
        var file = new SafeFd(Sys.Check(Sys.openat(Sys.AT_FDCWD, path, OpenFlags.WriteOnly), "open", path));
        // A fake /proc would take the write and do nothing (CVE-2019-16884).
        ProcHandle.RequireProc(file, path);
        return file;
    }

    /// <summary>Ends the process at once: no handlers, no buffers.</summary>
    [DoesNotReturn]
    public static void Exit(int status) => Sys._exit(status);
}
