using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>The table of this process's open files.</summary>
public static class DescriptorTable
{
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
