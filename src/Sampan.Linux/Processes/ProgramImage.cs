using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Processes;

/// <summary>
/// A program, its arguments and its environment, laid out in native memory beforehand, so that nothing has to be allocated between the last
/// privilege given up and execve.
/// </summary>
public sealed unsafe class ProgramImage : IDisposable
{
    private readonly NativeStrings _candidates;
    private readonly NativeStrings _argv;
    private readonly NativeStrings _envp;
    private readonly int _count;

    /// <summary>Lays out a program.</summary>
    /// <param name="candidates">Paths to try in order.</param>
    /// <param name="argv">All arguments, the zeroth included.</param>
    /// <param name="env">The environment, entries <c>NAME=value</c>.</param>
    /// <exception cref="ArgumentException">A text contains a null character.</exception>
    public ProgramImage(IReadOnlyList<string> candidates, IReadOnlyList<string> argv, IReadOnlyList<string> env)
    {
        _candidates = new NativeStrings(candidates);
        _argv = new NativeStrings(argv);
        _envp = new NativeStrings(env);
        _count = candidates.Count;
    }

    /// <summary>Replaces the calling process by the first candidate that is there. Returns only on failure.</summary>
    /// <returns>
    /// What the search ends with, as execvp(3) defines it: EACCES if one was there but not executable and no later one worked, the error of the
    /// first that was there and failed otherwise, ENOENT if none was there.
    /// </returns>
    public Errno Execute()
    {
        var result = Errno.ENOENT;
        for (var i = 0; i < _count; i++)
        {
            Sys.execve(_candidates.Pointer[i], _argv.Pointer, _envp.Pointer);
            switch (Sys.LastErrno)
            {
                case Errno.ENOENT or Errno.ENOTDIR or Errno.ESTALE or Errno.ENODEV or Errno.ETIMEDOUT:
                    continue;
                case Errno.EACCES:
                    result = Errno.EACCES;
                    continue;
                case var other:
                    return other;
            }
        }
        return result;
    }

    /// <summary>Says what <see cref="Execute()"/> would end with, as far as permissions tell.</summary>
    public Errno Probe()
    {
        var result = Errno.ENOENT;
        for (var i = 0; i < _count; i++)
        {
            if (Sys.faccessat(Sys.AT_FDCWD, _candidates.Pointer[i], 1 /* X_OK */, Sys.AT_EACCESS) == 0 && !IsDirectory(_candidates.Pointer[i]))
                return Errno.None;
            if (Sys.LastErrno is not (Errno.ENOENT or Errno.ENOTDIR))
                result = Errno.EACCES;
        }
        return result;
    }

    private static bool IsDirectory(byte* path)
    {
        var directory = FileStatus.TryRead(Sys.AT_FDCWD, System.Runtime.InteropServices.Marshal.PtrToStringUTF8((nint)path) ?? "", 0, out var status) && status.Kind == FileKind.Directory;
        if (directory)
            System.Runtime.InteropServices.Marshal.SetLastPInvokeError((int)Errno.EACCES);
        return directory;
    }

    /// <summary>Replaces the calling process by an open program, whatever path it has. Returns only on failure.</summary>
    public Errno Execute(SafeFd program)
    {
        fixed (byte* empty = "\0"u8)
            _ = Sys.execveat(program.Number, empty, _argv.Pointer, _envp.Pointer, Sys.AT_EMPTY_PATH);
        return Sys.LastErrno;
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        _candidates.Dispose();
        _argv.Dispose();
        _envp.Dispose();
    }
}
