using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>Files without a name that live in memory. See <see href="https://man7.org/linux/man-pages/man2/memfd_create.2.html">memfd_create(2)</see>.</summary>
public static unsafe class MemoryFile
{
    private const int MostTries = 20;
    private const int Seals = Sys.F_SEAL_SEAL | Sys.F_SEAL_SHRINK | Sys.F_SEAL_GROW | Sys.F_SEAL_WRITE;

    /// <summary>Makes a file with a content, its position at the start.</summary>
    /// <param name="name">A name for /proc.</param>
    /// <param name="content">What is in it.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static SafeFd Create(string name, ReadOnlySpan<byte> content)
    {
        var file = new SafeFd(Sys.Check(Sys.memfd_create(name, Sys.MFD_CLOEXEC), "make a memory file", name));
        Sys.Check(Sys.WriteAll(file.Number, content), "write a memory file", name);
        Sys.Check(Sys.lseek(file.Number, 0, 0), "rewind a memory file", name);
        return file;
    }

    /// <summary>
    /// Copies a program into memory and seals it, so that nobody can ever change what runs from it: not a container that reaches it through
    /// <c>/proc/self/exe</c> either (CVE-2019-5736).
    /// </summary>
    /// <param name="path">The program.</param>
    /// <returns>A descriptor to execute; <see cref="SafeFd.ProcPath"/> of it is its path.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static SafeFd Seal(string path)
    {
        using var source = HostFile.Open(path, OpenFlags.ReadOnly);
        var number = Sys.memfd_create("sampan-runtime", Sys.MFD_CLOEXEC | Sys.MFD_ALLOW_SEALING | Sys.MFD_EXEC);
        if (number < 0 && Sys.LastErrno == Errno.EINVAL)
            number = Sys.memfd_create("sampan-runtime", Sys.MFD_CLOEXEC | Sys.MFD_ALLOW_SEALING); // before Linux 6.3
        var copy = new SafeFd(Sys.Check(number, "make a memory file", path));
        for (var left = FileStatus.Of(source).Size; left > 0;)
        {
            var count = Sys.Check(Sys.sendfile(copy.Number, source.Number, null, (nuint)left), "copy into memory", path);
            if (count == 0)
                break;
            left -= count;
        }
        // Busy: the kernel holds a page this moment, to move it or to look whether it is idle. It waits itself before it says so.
        var tries = 0;
        while (Sys.fcntl(copy.Number, Sys.F_ADD_SEALS, Seals) < 0)
        {
            if (Sys.LastErrno != Errno.EBUSY || ++tries == MostTries)
                throw new LinuxException("seal the copy of", Sys.LastErrno, path);
        }
        return copy;
    }

    /// <summary>True if the file is in memory and sealed against writing.</summary>
    public static bool IsSealed(SafeFd file)
    {
        var seals = Sys.fcntl(file.Number, Sys.F_GET_SEALS, 0);
        return seals >= 0 && (seals & Seals) == Seals;
    }
}
