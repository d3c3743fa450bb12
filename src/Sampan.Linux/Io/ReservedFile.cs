using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>
/// A file whose place on the disk is there before its content: its name, its blocks and its length are flushed ahead, so that a content that
/// must survive a power cut costs one write to the disk. A new file costs one for each of its blocks, its inode, its directory and all
/// new directories above.
/// </summary>
/// <remarks>
/// Until it is filled it consists of lines with a control character that no text has (SUB, 0x1a). What fills it is as long as the file, with
/// spaces behind it; so a write that a crash tears leaves such a line, wherever it is torn: see <see cref="IsFilled"/>.
/// </remarks>
public static class ReservedFile
{
    private const byte Mark = 0x1a;
    private const uint OwnerOnly = 0x180; // 0600

    private static ReadOnlySpan<byte> Line => "\u001a made ahead: nobody's yet                                   \n"u8;

    /// <summary>Makes a file for the owner alone, without flushing it.</summary>
    /// <param name="path">The file; it must not be there, its directory must.</param>
    /// <param name="size">Bytes that can be filled.</param>
    /// <exception cref="LinuxException">The kernel refused; no file is left.</exception>
    public static void Make(string path, int size)
    {
        var content = new byte[size];
        for (var at = 0; at < size; at += Line.Length)
            Line[..Math.Min(Line.Length, size - at)].CopyTo(content.AsSpan(at));
        // Also where the last line is cut.
        if (size > 0)
            content[^1] = Mark;
        const OpenFlags flags = OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoFollow;
        using var file = new SafeFd(Sys.Check(Sys.openat(Sys.AT_FDCWD, path, flags, OwnerOnly), "create file", path));
        if (Sys.WriteAll(file.Number, content) == 0)
            return;
        var errno = Sys.LastErrno;
        _ = Sys.unlinkat(Sys.AT_FDCWD, path, 0); // the first failure is the one to tell
        throw new LinuxException("write file", errno, path);
    }

    /// <summary>Flushes a file that was made, with its name and all new directories above it (on journaling file systems by way of the journal).</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Flush(string path)
    {
        using var file = new SafeFd(Sys.Check(Sys.openat(Sys.AT_FDCWD, path, OpenFlags.ReadOnly | OpenFlags.NoFollow), "open file", path));
        Sys.Check(Sys.fsync(file.Number), "sync file", path);
    }

    /// <summary>Puts content and spaces in the place of the file's lines.</summary>
    /// <param name="path">A file that was made and not filled yet.</param>
    /// <param name="content">Text, without control characters but white space.</param>
    /// <param name="durable">What has to be flushed.</param>
    /// <returns>False: the content is longer than what was reserved, and nothing was done.</returns>
    /// <exception cref="LinuxException">The kernel refused; the file is not filled.</exception>
    public static bool TryFill(string path, ReadOnlySpan<byte> content, ReservedFlush durable)
    {
        using var file = new SafeFd(Sys.Check(Sys.openat(Sys.AT_FDCWD, path, OpenFlags.WriteOnly | OpenFlags.NoFollow), "open file", path));
        var size = FileStatus.Of(file).Size;
        if (content.Length > size)
            return false;
        var whole = new byte[size];
        content.CopyTo(whole);
        whole.AsSpan(content.Length).Fill((byte)' ');
        if (Sys.WriteAll(file.Number, whole) != 0)
            throw new LinuxException("write file", Sys.LastErrno, path);
        if (durable == ReservedFlush.Content)
            Sys.Check(Sys.fdatasync(file.Number), "sync file", path);
        else if (durable == ReservedFlush.All)
            Sys.Check(Sys.fsync(file.Number), "sync file", path);
        return true;
    }

    /// <summary>False: the content is not, or not wholly, what the file was to be filled with.</summary>
    public static bool IsFilled(ReadOnlySpan<byte> content) => !content.Contains(Mark);
}
