using System.Collections;
using System.Runtime.InteropServices;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Processes;

/// <summary>
/// Starts programs by <see href="https://man7.org/linux/man-pages/man3/posix_spawn.3.html">posix_spawn(3)</see>: no managed code runs between
/// fork and exec, so it is safe in a process with many threads.
/// </summary>
public static unsafe class ProcessSpawner
{
    private const int O_RDWR = 2;

    /// <summary>First number for the copies of inherited descriptors, above every target, so that no target overwrites a source.</summary>
    private const int CopiesFrom = 64;

    /// <summary>Starts <paramref name="file"/>; the caller must reap it, for example by <see cref="PidFd"/>.</summary>
    /// <param name="file">Path of the program; <c>PATH</c> is not searched.</param>
    /// <param name="argv">All arguments, the zeroth included.</param>
    /// <param name="env">The environment, exactly; null copies the caller's.</param>
    /// <param name="options">Streams, session, directory, descriptors.</param>
    /// <returns>The process id.</returns>
    /// <exception cref="LinuxException">The program could not be started.</exception>
    public static int Spawn(string file, IReadOnlyList<string> argv, IReadOnlyDictionary<string, string>? env, SpawnOptions options)
    {
        var actions = stackalloc byte[Sys.SpawnStructureSize];
        var attributes = stackalloc byte[Sys.SpawnStructureSize];
        var copies = new List<SafeFd>();
        var path = Marshal.StringToCoTaskMemUTF8(file);
        var directory = Marshal.StringToCoTaskMemUTF8(options.WorkingDirectory);
        using var arguments = new NativeStrings(argv);
        using var environment = new NativeStrings(EnvironmentOf(env));
        Check(Sys.posix_spawn_file_actions_init(actions), file);
        Check(Sys.posix_spawnattr_init(attributes), file);
        try
        {
            AddStream(actions, options.Stdin, 0, copies, file);
            AddStream(actions, options.Stdout, 1, copies, file);
            AddStream(actions, options.Stderr, 2, copies, file);
            foreach (var (source, target) in options.Inherit)
                AddDescriptor(actions, source, target, copies, file);
            if (options.WorkingDirectory is not null)
                Check(Sys.posix_spawn_file_actions_addchdir_np(actions, (byte*)directory), file);
            SetAttributes(attributes, options, file);
            int pid;
            Check(Sys.posix_spawn(&pid, (byte*)path, actions, attributes, arguments.Pointer, environment.Pointer), file);
            return pid;
        }
        finally
        {
            _ = Sys.posix_spawn_file_actions_destroy(actions);
            _ = Sys.posix_spawnattr_destroy(attributes);
            foreach (var copy in copies)
                copy.Dispose();
            Marshal.FreeCoTaskMem(path);
            Marshal.FreeCoTaskMem(directory);
        }
    }

    private static List<string> EnvironmentOf(IReadOnlyDictionary<string, string>? env)
    {
        var entries = new List<string>();
        if (env is null)
        {
            foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
                entries.Add($"{entry.Key}={entry.Value}");
            return entries;
        }
        foreach (var (name, value) in env)
            entries.Add($"{name}={value}");
        return entries;
    }

    private static void AddStream(byte* actions, SafeFd? source, int target, List<SafeFd> copies, string file)
    {
        if (source is not null)
        {
            AddDescriptor(actions, source, target, copies, file);
            return;
        }
        fixed (byte* devNull = "/dev/null\0"u8)
            Check(Sys.posix_spawn_file_actions_addopen(actions, target, devNull, O_RDWR, 0), file);
    }

    private static void AddDescriptor(byte* actions, SafeFd source, int target, List<SafeFd> copies, string file)
    {
        var copy = new SafeFd(Sys.Check(Sys.fcntl(source.Number, Sys.F_DUPFD_CLOEXEC, CopiesFrom), "duplicate a descriptor for", file));
        copies.Add(copy);
        Check(Sys.posix_spawn_file_actions_adddup2(actions, copy.Number, target), file);
    }

    private static void SetAttributes(byte* attributes, SpawnOptions options, string file)
    {
        // .NET ignores SIGPIPE and handles others; ignored dispositions and the mask survive exec, so both are set for the new program.
        var defaults = SignalSet.All();
        Span<int> blockedSignals = stackalloc int[options.BlockedSignals.Count];
        for (var i = 0; i < blockedSignals.Length; i++)
            blockedSignals[i] = options.BlockedSignals[i];
        var blocked = SignalSet.Of(blockedSignals);
        Check(Sys.posix_spawnattr_setsigdefault(attributes, &defaults), file);
        Check(Sys.posix_spawnattr_setsigmask(attributes, &blocked), file);
        var flags = (short)(Sys.POSIX_SPAWN_SETSIGDEF | Sys.POSIX_SPAWN_SETSIGMASK | (options.NewSession ? Sys.POSIX_SPAWN_SETSID : (short)0));
        Check(Sys.posix_spawnattr_setflags(attributes, flags), file);
    }

    private static void Check(int error, string file)
    {
        if (error != 0)
            throw new LinuxException("start", (Errno)error, file);
    }
}
