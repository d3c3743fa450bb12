using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>The table of this process's open files.</summary>
public static unsafe class DescriptorTable
{
    /// <summary>How many files this process may have open (the soft limit).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static int ReadLimit()
    {
        const int openFiles = 7; // RLIMIT_NOFILE
        Sys.ResourceLimit limit;
        Sys.Check(Sys.prlimit(0, openFiles, null, &limit), "read the limit of open files");
        return (int)Math.Min(limit.Soft, int.MaxValue);
    }

    /// <summary>The lowest number that is free, which the kernel gives out next; null: the process, or the machine, may open no more.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static int? LowestFree()
    {
        var number = Sys.openat(Sys.AT_FDCWD, "/", OpenFlags.Path | OpenFlags.Directory);
        if (number < 0 && Sys.LastErrno is Errno.EMFILE or Errno.ENFILE)
            return null;
        using var probe = new SafeFd(Sys.Check(number, "open directory", "/"));
        return probe.Number;
    }
}
