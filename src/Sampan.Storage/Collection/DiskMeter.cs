using System.Text;
using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Linux.Io;

namespace Sampan.Storage.Collection;

/// <summary>
/// Counts blocks as <c>du</c> does: what the file system has given to files and directories, each file once however many names it has,
/// no matter which of several measured trees it is found in first. Mounts are not entered.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class DiskMeter
{
    // Each level costs a descriptor; what lies deeper was made to exhaust them.
    private const int MaxDepth = 2048;

    private readonly HashSet<(DeviceNumber, ulong)> _linked = [];

    /// <summary>Bytes of a file, or of a directory with all below it; 0 if it is not there.</summary>
    /// <param name="path">A path of the host, not followed at its end.</param>
    public long Of(string path)
    {
        using var parent = Try(() => DirectoryHandle.Open(Path.GetDirectoryName(path.TrimEnd('/')) ?? "/"));
        return parent is null ? 0 : Of(parent, Encoding.UTF8.GetBytes(Path.GetFileName(path.TrimEnd('/'))), whole: true);
    }

    /// <summary>Bytes of a directory itself, without what is in it.</summary>
    /// <param name="path">A path of the host.</param>
    public long OfDirectoryAlone(string path)
    {
        using var parent = Try(() => DirectoryHandle.Open(Path.GetDirectoryName(path.TrimEnd('/')) ?? "/"));
        return parent is null ? 0 : Of(parent, Encoding.UTF8.GetBytes(Path.GetFileName(path.TrimEnd('/'))), whole: false);
    }

    private long Of(DirectoryHandle parent, byte[] name, bool whole)
    {
        if (!parent.TryStat(name, out var status))
            return 0;
        if (status.Kind != FileKind.Directory)
            return Own(status);
        return status.AllocatedSize + (whole ? Content(parent, name, status.FileSystem, 0) : 0);
    }

    private long Content(DirectoryHandle parent, byte[] name, DeviceNumber fileSystem, int depth)
    {
        using var directory = depth > MaxDepth ? null : Try(() => parent.OpenDirectory(name));
        if (directory is null || Try(directory.List) is not { } entries)
            return 0;
        long bytes = 0;
        foreach (var entry in entries)
        {
            // Gone since it was listed, or another file system that happens to be mounted here.
            if (!directory.TryStat(entry.Name, out var status) || status.FileSystem != fileSystem)
                continue;
            bytes += status.Kind == FileKind.Directory
                ? status.AllocatedSize + Content(directory, entry.Name, fileSystem, depth + 1)
                : Own(status);
        }
        return bytes;
    }

    private long Own(in FileStatus status) =>
        status.LinkCount == 1 || _linked.Add((status.FileSystem, status.Inode)) ? status.AllocatedSize : 0;

    // What is measured is in use: anything can be gone since it was listed, a directory even while it is open.
    private static T? Try<T>(Func<T> look)
        where T : class
    {
        try
        {
            return look();
        }
        catch (LinuxException gone) when (gone.Errno is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP)
        {
            return null;
        }
    }
}
