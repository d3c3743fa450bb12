using System.Formats.Tar;
using System.Text;
using Sampan.Cli.Commands;
using Sampan.Cli.Output;
using Sampan.Linux.Files;
using Sampan.Linux.Io;

namespace Sampan.Cli.Copying;

/// <summary>One tar on its way into a directory.</summary>
internal sealed class LocalExtraction(DirectoryHandle root, string? name, bool keepOwners, bool isWhole = false)
{
    private readonly List<(List<string> Path, FileTime Time)> _directories = [];
    private readonly byte[] _buffer = new byte[128 * 1024];

    public long Bytes { get; private set; }

    public void Add(TarEntry entry)
    {
        var path = Renamed(entry.Name);
        if (path.Count == 0) return;
        using var parent = LocalTree.Parent(root, path.GetRange(0, path.Count - 1));
        byte[] last = Encoding.UTF8.GetBytes(path[^1]);
        bool isThere = parent.TryStat(last, out var old);
        bool isDirectory = entry.EntryType == TarEntryType.Directory;
        if (isThere && (old.Kind == FileKind.Directory) != isDirectory)
            throw new CommandException(isDirectory ? $"cannot overwrite non-directory '{string.Join('/', path)}' with directory" : $"cannot overwrite directory '{string.Join('/', path)}' with non-directory");
        if (isThere && OutputPath.IsDevice(old.Kind) && entry.EntryType is not (TarEntryType.BlockDevice or TarEntryType.CharacterDevice))
            throw new CommandException($"cannot overwrite device '{string.Join('/', path)}' with file");
        if (isDirectory)
        {
            if (!isThere) parent.CreateDirectory(last, entry.Mode | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            _directories.Add((path, Time(entry)));
            Dress(parent, last, entry);
            return;
        }
        // Made under a name of its own and moved to its place: a full disk leaves the old file and no half of the new one.
        byte[] unfinished = Encoding.ASCII.GetBytes($".sampan-cp-{Guid.NewGuid():n}");
        try
        {
            Make(parent, unfinished, entry);
            parent.Rename(unfinished, parent, last);
            // Renaming one name of a file over another does nothing (POSIX): the new name is left.
            if (entry.EntryType == TarEntryType.HardLink) parent.RemoveTree(unfinished);
        }
        catch
        {
            parent.RemoveTree(unfinished);
            throw;
        }
    }

    private void Make(DirectoryHandle parent, byte[] last, TarEntry entry)
    {
        switch (entry.EntryType)
        {
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                WriteFile(parent, last, entry);
                return;
            case TarEntryType.SymbolicLink:
                parent.CreateSymbolicLink(Encoding.UTF8.GetBytes(entry.LinkName), last);
                break;
            case TarEntryType.HardLink:
                var target = Renamed(entry.LinkName);
                if (target.Count == 0) throw new CommandException($"hard link '{entry.Name}' in the archive leads nowhere");
                using (var from = LocalTree.Parent(root, target.GetRange(0, target.Count - 1)))
                    parent.CreateHardLink(from, Encoding.UTF8.GetBytes(target[^1]), last);
                return;
            case TarEntryType.Fifo:
                parent.CreateNode(last, FileKind.Fifo, entry.Mode, default);
                break;
            case TarEntryType.BlockDevice or TarEntryType.CharacterDevice when entry is PosixTarEntry device:
                parent.CreateNode(last, entry.EntryType == TarEntryType.BlockDevice ? FileKind.BlockDevice : FileKind.CharacterDevice, entry.Mode, new DeviceNumber((uint)device.DeviceMajor, (uint)device.DeviceMinor));
                break;
            default:
                throw new CommandException($"'{entry.Name}' in the archive has the unknown type {entry.EntryType}");
        }
        Dress(parent, last, entry);
    }

    private void Dress(DirectoryHandle parent, byte[] last, TarEntry entry)
    {
        if (keepOwners) parent.SetOwner(last, (uint)entry.Uid, (uint)entry.Gid);
        if (entry.EntryType != TarEntryType.SymbolicLink) parent.SetMode(last, entry.Mode);
        parent.SetModified(last, Time(entry));
    }

    /// <summary>Directories' times last: every entry made in one changed them.</summary>
    public void Finish()
    {
        foreach (var (path, time) in _directories)
        {
            using var parent = LocalTree.Parent(root, path.GetRange(0, path.Count - 1));
            parent.SetModified(Encoding.UTF8.GetBytes(path[^1]), time);
        }
    }

    private void WriteFile(DirectoryHandle parent, byte[] last, TarEntry entry)
    {
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        // Without a name where there is such a thing: then nothing is left of it, however this process ends.
        var unnamed = parent.TryCreateUnnamedFile(mode);
        using var file = unnamed ?? parent.CreateFile(last, mode);
        for (int read; entry.DataStream is { } data && (read = data.Read(_buffer)) > 0; Bytes += read) file.WriteAll(_buffer.AsSpan(0, read));
        if (keepOwners) file.SetOwner((uint)entry.Uid, (uint)entry.Gid);
        // Without its owner a set-user-id bit would make the program somebody else's.
        file.SetMode(keepOwners ? entry.Mode : entry.Mode & ~(UnixFileMode.SetUser | UnixFileMode.SetGroup));
        file.SetModified(Time(entry));
        if (unnamed is not null) parent.Name(unnamed, last);
    }

    // The first name of each path is the source's own; it becomes the wanted one.
    private List<string> Renamed(string text)
    {
        var names = text.Split('/').Where(part => part is not ("" or ".")).ToList();
        if (names.Contains("..")) throw new CommandException($"'{text}' in the archive leads out of the destination");
        if (isWhole) return names;
        // The name of a container's root is a slash: its entries have no first name of the source's either.
        bool isContents = text.StartsWith("./", StringComparison.Ordinal) || text == "." || text.StartsWith('/');
        if (isContents) return name is null ? names : [name, .. names];
        if (names.Count == 0) return names;
        return name is null ? names.GetRange(1, names.Count - 1) : [name, .. names.Skip(1)];
    }

    private static FileTime Time(TarEntry entry)
    {
        long ticks = entry.ModificationTime.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
        long seconds = Math.DivRem(ticks, TimeSpan.TicksPerSecond, out long rest);
        return rest < 0 ? new FileTime(seconds - 1, (int)(rest + TimeSpan.TicksPerSecond) * 100) : new FileTime(seconds, (int)rest * 100);
    }
}
