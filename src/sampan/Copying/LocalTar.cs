using System.Formats.Tar;
using Sampan.Cli.Commands;
using Sampan.Linux.Files;
using Sampan.Linux.Io;

namespace Sampan.Cli.Copying;

/// <summary>Files of this machine on their way into a tar. Names of one file stay names of one: the second is a hard link to the first.</summary>
internal sealed class LocalTar(TarWriter tar, CancellationToken cancellationToken)
{
    private readonly Dictionary<(DeviceNumber, ulong), string> _linked = [];

    /// <summary>Writes a file, or a directory with all that is in it.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="name">What it is called in the tar.</param>
    /// <returns>Bytes of the files' contents.</returns>
    public async Task<long> WriteAsync(string path, string name)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!LocalTree.IsDirectory(path))
        {
            var status = FileStatusOf(path);
            // A tar has no form for sockets.
            if (status.Kind == FileKind.Socket) return 0;
            if (status.LinkCount > 1 && !_linked.TryAdd((status.FileSystem, status.Inode), name))
            {
                await tar.WriteEntryAsync(Link(status, name), cancellationToken).ConfigureAwait(false);
                return 0;
            }
            await tar.WriteEntryAsync(path, name, cancellationToken).ConfigureAwait(false);
            return status.Kind == FileKind.Regular ? status.Size : 0;
        }
        await tar.WriteEntryAsync(path, name + "/", cancellationToken).ConfigureAwait(false);
        long bytes = 0;
        foreach (string entry in Directory.EnumerateFileSystemEntries(path).Order(StringComparer.Ordinal))
            bytes += await WriteAsync(entry, $"{name}/{Path.GetFileName(entry)}").ConfigureAwait(false);
        return bytes;
    }

    private PaxTarEntry Link(in FileStatus status, string name) => new(TarEntryType.HardLink, name)
    {
        LinkName = _linked[(status.FileSystem, status.Inode)],
        Mode = status.Mode,
        Uid = (int)status.Uid,
        Gid = (int)status.Gid,
        ModificationTime = DateTimeOffset.UnixEpoch.AddSeconds(status.ModifiedTime.Seconds).AddTicks(status.ModifiedTime.Nanoseconds / 100),
    };

    private static FileStatus FileStatusOf(string path)
    {
        using var parent = DirectoryHandle.Open(Path.GetDirectoryName(path) ?? "/");
        return parent.TryStat(System.Text.Encoding.UTF8.GetBytes(Path.GetFileName(path)), out var status) ? status : throw new CommandException($"lstat {path}: no such file or directory");
    }
}
