using System.Runtime;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Processes;

/// <summary>
/// What <c>sampan-runtime</c> does before .NET begins in it. Its linker gives <c>main</c>, and functions of the .NET runtime's beginning
/// (<see cref="RuntimeEntry"/>), to these methods (<c>--wrap</c>). There is no heap, no thread of .NET and no static constructor yet: here are plain calls, numbers and pointers only.
/// <para>
/// A command that lets a container near its own process must not run from a file that can be written (CVE-2019-5736). It would find that out and start
/// over from a read-only mount of itself; but then .NET has begun in vain, which is most of the cost of a start. So it is done here, where the outcome is
/// plain. Nothing depends on it: the command looks again.
/// </para>
/// </summary>
internal static unsafe class ProgramEntry
{
    [RuntimeExport("__wrap_main")]
    private static int Main(int argc, byte** argv, byte** envp)
    {
        var mode = ModeOf(argc, argv);
        if (mode != Mode.Any && !IsReadOnly())
            StartOver(argv, envp, mode);
        return Sys.real_main(argc, argv, envp);
    }

    private enum Mode
    {
        Any,
        Protected,
        Foreground,
    }

    // What the command line asks for; "any" where that takes more than a look, which is left to the program.
    private static Mode ModeOf(int argc, byte** argv)
    {
        var at = 1;
        while (at < argc && argv[at][0] == '-')
            at += TakesValue(argv[at]) ? 2 : 1;
        if (at >= argc)
            return Mode.Any;
        if (Is(argv[at], "create"u8))
            return Mode.Protected;
        if (!Is(argv[at], "run"u8) && !Is(argv[at], "exec"u8))
            return Mode.Any;
        for (at++; at < argc; at++)
        {
            if (Is(argv[at], "-d"u8) || Is(argv[at], "--detach"u8))
                return Mode.Protected;
            if (MayDetach(argv[at]))
                return Mode.Any;
        }
        return Mode.Foreground;
    }

    private static bool TakesValue(byte* option) =>
        Is(option, "--root"u8) || Is(option, "--log"u8) || Is(option, "--log-format"u8) || Is(option, "--criu"u8) || Is(option, "--rootless"u8);

    // Another spelling of the option, or one of the program's own.
    private static bool MayDetach(byte* word)
    {
        if (*word++ != '-')
            return false;
        if (*word == '-')
            word++;
        return *word == 'd';
    }

    private static bool Is(byte* text, ReadOnlySpan<byte> word)
    {
        for (var i = 0; i < word.Length; i++)
        {
            if (text[i] != word[i])
                return false;
        }
        return text[word.Length] == 0;
    }

    private static bool IsReadOnly()
    {
        Sys.FileSystemInfo status;
        fixed (byte* own = "/proc/self/exe\0"u8)
            return Sys.early_statfs(own, &status) == 0 && (status.Flags & Sys.ST_RDONLY) != 0;
    }

    // Returns where that is not allowed, as for a user without privileges.
    private static void StartOver(byte** argv, byte** envp, Mode mode)
    {
        fixed (byte* own = "/proc/self/exe\0"u8)
        fixed (byte* empty = "\0"u8)
        {
            var tree = (int)Sys.early_open_tree(Sys.SYS_open_tree, Sys.AT_FDCWD, own, Sys.OPEN_TREE_CLONE | Sys.OPEN_TREE_CLOEXEC);
            if (tree < 0)
                return;
            var attributes = new Sys.MountAttr { Set = Sys.MS_RDONLY };
            if (Sys.early_mount_setattr(Sys.SYS_mount_setattr, tree, empty, Sys.AT_EMPTY_PATH, &attributes, (nuint)sizeof(Sys.MountAttr)) == 0)
            {
                SignalSet before;
                // Those that a command in the foreground passes on: in force from the first thread on, and kept through exec.
                if (mode == Mode.Foreground)
                    BlockSignals(&before);
                _ = Sys.early_execveat(Sys.EarlyExecveat, tree, empty, argv, envp, Sys.AT_EMPTY_PATH);
                if (mode == Mode.Foreground)
                    _ = Sys.early_sigmask(Sys.SIG_SETMASK, &before, null);
            }
            _ = Sys.early_close(tree); // it could not be used
        }
    }

    private static void BlockSignals(SignalSet* before)
    {
        var set = default(SignalSet);
        set[0] = PassedSignals.Set;
        _ = Sys.early_sigmask(Sys.SIG_BLOCK, &set, before);
    }
}
