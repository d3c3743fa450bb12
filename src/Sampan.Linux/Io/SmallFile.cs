using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>One open, one read or write, one close: the files of /proc and of control groups.</summary>
internal static class SmallFile
{
    /// <summary>Writes <paramref name="content"/> with a single write, as kernel files want it. Returns false with <see cref="Sys.LastErrno"/> set in <paramref name="errno"/>.</summary>
    internal static bool TryWrite(int dirfd, string name, ReadOnlySpan<byte> content, out Errno errno)
    {
        errno = Errno.None;
        var fd = Sys.openat(dirfd, name, OpenFlags.WriteOnly);
        if (fd < 0)
        {
            errno = Sys.LastErrno;
            return false;
        }

        var written = Sys.WriteAll(fd, content);
        if (written < 0)
            errno = Sys.LastErrno;
        _ = Sys.close(fd);
        return written >= 0;
    }

    /// <summary>Reads a file up to <paramref name="maxBytes"/>; more is EFBIG.</summary>
    internal static bool TryRead(int dirfd, string name, int maxBytes, [NotNullWhen(true)] out byte[]? content, out Errno errno)
    {
        content = null;
        var fd = Sys.openat(dirfd, name, OpenFlags.ReadOnly);
        if (fd < 0)
        {
            errno = Sys.LastErrno;
            return false;
        }

        var read = TryRead(fd, maxBytes, out content, out errno);
        _ = Sys.close(fd);
        return read;
    }

    /// <summary>Reads an open file to its end, up to <paramref name="maxBytes"/>; more is EFBIG.</summary>
    internal static bool TryRead(int fd, int maxBytes, [NotNullWhen(true)] out byte[]? content, out Errno errno)
    {
        content = null;
        errno = Errno.None;
        var buffer = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            var length = 0;
            while (true)
            {
                if (length == buffer.Length)
                    buffer = Grow(buffer);

                var count = Sys.ReadSome(fd, buffer.AsSpan(length));
                if (count < 0)
                {
                    errno = Sys.LastErrno;
                    return false;
                }

                length += (int)count;
                if (length > maxBytes)
                {
                    errno = Errno.EFBIG;
                    return false;
                }

                if (count == 0)
                {
                    content = buffer.AsSpan(0, length).ToArray();
                    return true;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grow(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger.AsSpan());
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
