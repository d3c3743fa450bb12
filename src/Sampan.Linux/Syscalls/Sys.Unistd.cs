using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

/// <summary>unistd.h and the part of stdio.h that renames.</summary>
internal static unsafe partial class Sys
{
    /// <summary><see href="https://man7.org/linux/man-pages/man2/read.2.html">read(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial nint read(int fd, byte* buffer, nuint count);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/pread.2.html">pread(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial nint pread(int fd, byte* buffer, nuint count, long offset);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/write.2.html">write(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial nint write(int fd, byte* buffer, nuint count);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/fsync.2.html">fsync(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int fsync(int fd);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/fdatasync.2.html">fdatasync(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int fdatasync(int fd);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/unlinkat.2.html">unlinkat(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int unlinkat(int dirfd, string path, int flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/symlinkat.2.html">symlinkat(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int symlinkat(string target, int dirfd, string path);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/readlinkat.2.html">readlinkat(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint readlinkat(int dirfd, string path, byte* buffer, nuint size);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/fchown.2.html">fchown(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int fchown(int fd, uint owner, uint group);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/fchownat.2.html">fchownat(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int fchownat(int dirfd, string path, uint owner, uint group, int flags);

    private static readonly long s_renameat2 = Number(316, 276);

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long syscall_renameat2(long number, nint olddirfd, string oldpath, nint newdirfd, string newpath, nuint flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/renameat2.2.html">renameat2(2)</see></summary>
    internal static int renameat2(int olddirfd, string oldpath, int newdirfd, string newpath, uint flags) => (int)syscall_renameat2(s_renameat2, olddirfd, oldpath, newdirfd, newpath, flags);

    /// <summary>read(2), again after a signal.</summary>
    internal static nint ReadSome(int fd, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var count = read(fd, start, (nuint)buffer.Length);
                if (count >= 0 || LastErrno != Errno.EINTR)
                    return count;
            }
        }
    }

    /// <summary>write(2) until all is written; negative on failure, see <see cref="LastErrno"/>.</summary>
    internal static int WriteAll(int fd, ReadOnlySpan<byte> content)
    {
        fixed (byte* start = content)
        {
            for (var done = 0; done < content.Length;)
            {
                var count = write(fd, start + done, (nuint)(content.Length - done));
                if (count >= 0)
                    done += (int)count;
                else if (LastErrno != Errno.EINTR)
                    return -1;
            }
        }

        return 0;
    }
}
