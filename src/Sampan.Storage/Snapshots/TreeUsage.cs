using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Linux.Io;

namespace Sampan.Storage.Snapshots;

/// <summary>How many bytes the files below a directory hold; each file counts once, however many names it has.</summary>
internal static class TreeUsage
{
    internal static long Of(string directory)
    {
        using var root = DirectoryHandle.Open(directory);
        return Of(root, []);
    }

    private static long Of(DirectoryHandle directory, HashSet<(DeviceNumber, ulong)> linked)
    {
        long bytes = 0;
        foreach (var entry in directory.List())
        {
            // A running container changes the tree meanwhile: what is gone counts nothing.
            if (!directory.TryStat(entry.Name, out var status))
                continue;
            if (status.Kind == FileKind.Directory)
            {
                try
                {
                    using var child = directory.OpenDirectory(entry.Name);
                    bytes += Of(child, linked);
                }
                catch (LinuxException gone) when (gone.Errno is Errno.ENOENT or Errno.ENOTDIR)
                {
                    // Removed since it was listed.
                }
            }
            else if (status.Kind == FileKind.Regular && (status.LinkCount == 1 || linked.Add((status.FileSystem, status.Inode))))
            {
                bytes += status.Size;
            }
        }
        return bytes;
    }
}
