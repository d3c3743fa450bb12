using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Files;

/// <summary>Files with holes: which parts hold data, and copies that keep the holes.</summary>
public static unsafe class SparseFile
{
    private const int SeekData = 3;
    private const int SeekHole = 4;
    private const nuint CloneFile = 0x40049409; // FICLONE

    /// <summary>The parts of a file that hold data, in order; one part where the file system knows no holes.</summary>
    /// <param name="file">An open file.</param>
    /// <param name="size">What is beyond is not told.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static IReadOnlyList<(long Offset, long Length)> Parts(this SafeFd file, long size)
    {
        var parts = new List<(long, long)>();
        for (long at = 0; at < size;)
        {
            var data = Sys.lseek(file.Number, at, SeekData);
            if (data < 0 && Sys.LastErrno == Errno.ENXIO)
                break;
            if (data < 0 && Sys.LastErrno == Errno.EINVAL)
            {
                parts.Add((at, size - at));
                break;
            }
            var hole = Sys.Check(Sys.lseek(file.Number, Sys.Check(data, "find data in file"), SeekHole), "find a hole in file");
            if (data < size)
                parts.Add((data, Math.Min(hole, size) - data));
            at = Math.Max(hole, data + 1);
        }
        Sys.Check(Sys.lseek(file.Number, 0, 0 /* SEEK_SET */), "move in file");
        return parts;
    }

    /// <summary>Moves the file's position.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void MoveTo(this SafeFd file, long offset) => Sys.Check(Sys.lseek(file.Number, offset, 0 /* SEEK_SET */), "move in file");

    /// <summary>Where the next data from <paramref name="from"/> on begins; null: there is nothing but a hole up to the end.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static long? NextData(this SafeFd file, long from)
    {
        var data = Sys.lseek(file.Number, from, SeekData);
        return data >= 0 ? data
            : Sys.LastErrno == Errno.ENXIO ? null
            // A file system that knows no holes.
            : Sys.LastErrno == Errno.EINVAL ? from
            : throw new LinuxException("find data in file", Sys.LastErrno);
    }

    /// <summary>Makes an empty file a copy of another: sharing its blocks until one of them is written, where the file system can; else data by data, holes kept.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void CloneFrom(this SafeFd target, SafeFd source)
    {
        if (Sys.ioctl(target.Number, CloneFile, source.Number) == 0)
            return;
        if (Sys.LastErrno is not (Errno.EOPNOTSUPP or Errno.EXDEV or Errno.EINVAL or Errno.ENOTTY or Errno.EPERM or Errno.ETXTBSY))
            throw new LinuxException("clone file", Sys.LastErrno);
        var status = Io.FileStatus.Of(source);
        if (status.AllocatedSize >= status.Size)
        {
            target.CopyFrom(source); // no holes to look for, as in most files
            return;
        }
        var size = status.Size;
        foreach (var (offset, length) in source.Parts(size))
            CopyPart(target, source, offset, length);
        target.SetSize(size);
    }

    private static void CopyPart(SafeFd target, SafeFd source, long offset, long length)
    {
        for (var left = length; left > 0;)
        {
            var (from, to) = (offset + length - left, offset + length - left);
            var count = Sys.copy_file_range(source.Number, &from, target.Number, &to, (nuint)Math.Min(left, 1 << 30), 0);
            if (count == 0)
                return; // it has shrunk meanwhile
            if (count < 0)
            {
                if (Sys.LastErrno is not (Errno.EXDEV or Errno.EINVAL or Errno.ENOSYS or Errno.EOPNOTSUPP))
                    throw new LinuxException("copy file", Sys.LastErrno);
                CopyThrough(target, source, offset + length - left, left);
                return;
            }
            left -= count;
        }
    }

    private static void CopyThrough(SafeFd target, SafeFd source, long offset, long length)
    {
        source.MoveTo(offset);
        target.MoveTo(offset);
        var buffer = new byte[128 * 1024];
        for (int read; length > 0 && (read = source.Read(buffer.AsSpan(0, (int)Math.Min(length, buffer.Length)))) > 0; length -= read)
            target.Write(buffer.AsSpan(0, read));
    }
}
