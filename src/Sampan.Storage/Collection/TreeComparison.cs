using System.Text;
using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Storage.Archives;
using Sampan.Storage.Snapshots;

namespace Sampan.Storage.Collection;

/// <summary>Compares a layer's directory with one that was just unpacked of the same blob: names, kinds, owners, modes, attributes, contents.</summary>
internal sealed class TreeComparison(CancellationToken ct)
{
    private const int MaxDepth = 1024;

    private readonly byte[] _left = GC.AllocateUninitializedArray<byte>(128 * 1024);
    private readonly byte[] _right = GC.AllocateUninitializedArray<byte>(128 * 1024);

    /// <summary>The first difference, in one clause; null: there is none.</summary>
    internal string? Differ(string stored, string expected)
    {
        using var left = DirectoryHandle.Open(stored);
        using var right = DirectoryHandle.Open(expected);
        return Metadata(left, [], FileStatus.Of(left.Descriptor), right, [], FileStatus.Of(right.Descriptor), "") ?? Content(left, right, "", 0);
    }

    private string? Content(DirectoryHandle left, DirectoryHandle right, string prefix, int depth)
    {
        if (depth > MaxDepth)
            throw new StorageException(StorageError.NotSupported, $"directory '/{RawName.Show(prefix)}' is nested more than {MaxDepth} deep");
        var extra = left.List().Select(entry => RawName.Of(entry.Name)).ToHashSet(StringComparer.Ordinal);
        foreach (var entry in right.List())
        {
            ct.ThrowIfCancellationRequested();
            var name = RawName.Of(entry.Name);
            var path = prefix + name;
            extra.Remove(name);
            if (!left.TryStat(entry.Name, out var stored))
                return $"'/{RawName.Show(path)}' is missing";
            if (!right.TryStat(entry.Name, out var wanted))
                continue;
            if (Metadata(left, entry.Name, stored, right, entry.Name, wanted, path) is { } difference)
                return difference;
            if (wanted.Kind == FileKind.Directory)
            {
                using var inLeft = left.OpenDirectory(entry.Name);
                using var inRight = right.OpenDirectory(entry.Name);
                if (Content(inLeft, inRight, path + "/", depth + 1) is { } below)
                    return below;
            }
        }
        return extra.Count > 0 ? $"'/{RawName.Show(prefix + extra.First())}' does not belong there" : null;
    }

    private string? Metadata(DirectoryHandle left, byte[] leftName, in FileStatus stored, DirectoryHandle right, byte[] rightName, in FileStatus wanted, string path)
    {
        var shown = $"'/{RawName.Show(path)}'";
        if (stored.Kind != wanted.Kind)
            return $"{shown} is {Word(stored.Kind)}, not {Word(wanted.Kind)}";
        if (stored.Mode != wanted.Mode)
            return $"{shown} has the mode {Convert.ToString((int)stored.Mode, 8)}, not {Convert.ToString((int)wanted.Mode, 8)}";
        if (stored.Uid != wanted.Uid || stored.Gid != wanted.Gid)
            return $"{shown} belongs to {stored.Uid}:{stored.Gid}, not {wanted.Uid}:{wanted.Gid}";
        if (stored.Device != wanted.Device)
            return $"{shown} is another device";
        if (Attributes(left, leftName) != Attributes(right, rightName))
            return $"{shown} has other attributes";
        if (stored.Kind == FileKind.Directory)
            return null;
        if (stored.Kind == FileKind.SymbolicLink)
            return left.ReadLink(leftName).AsSpan().SequenceEqual(right.ReadLink(rightName)) ? null : $"{shown} leads elsewhere";
        if (stored.LinkCount != wanted.LinkCount)
            return $"{shown} has {stored.LinkCount} names, not {wanted.LinkCount}";
        if (stored.Kind != FileKind.Regular)
            return null;
        if (stored.Size != wanted.Size)
            return $"{shown} has {stored.Size} bytes, not {wanted.Size}";
        return SameContent(left, leftName, right, rightName, wanted.Size) ? null : $"{shown} has other content";
    }

    // What is a hole in both is not read: a file of a terabyte may be nothing else.
    private bool SameContent(DirectoryHandle left, byte[] leftName, DirectoryHandle right, byte[] rightName, long size)
    {
        using var stored = left.OpenFile(leftName, OpenFlags.ReadOnly);
        using var wanted = right.OpenFile(rightName, OpenFlags.ReadOnly);
        for (long at = 0; ;)
        {
            ct.ThrowIfCancellationRequested();
            var next = Math.Min(stored.NextData(at) ?? size, wanted.NextData(at) ?? size);
            if (next >= size)
                return true;
            stored.MoveTo(next);
            wanted.MoveTo(next);
            var count = Fill(stored, _left);
            if (count != Fill(wanted, _right) || !_left.AsSpan(0, count).SequenceEqual(_right.AsSpan(0, count)))
                return false;
            if (count == 0)
                return true;
            at = next + count;
        }
    }

    private static int Fill(Linux.SafeFd file, Span<byte> buffer)
    {
        var length = 0;
        for (int read; length < buffer.Length && (read = file.Read(buffer[length..])) > 0;)
            length += read;
        return length;
    }

    private static string Attributes(DirectoryHandle directory, byte[] name)
    {
        var text = new StringBuilder();
        foreach (var attribute in directory.ListAttributes(name).Where(attribute => attribute is OverlayFormat.OpaqueAttribute or "security.capability" || attribute.StartsWith("user.", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            text.Append(attribute).Append('=').Append(Convert.ToHexString(directory.GetAttribute(name, attribute) ?? [])).Append(';');
        return text.ToString();
    }

    private static string Word(FileKind kind) => kind switch
    {
        FileKind.Directory => "a directory",
        FileKind.Regular => "a file",
        FileKind.SymbolicLink => "a symbolic link",
        FileKind.CharacterDevice or FileKind.BlockDevice => "a device",
        _ => $"a {kind.ToString().ToLowerInvariant()}",
    };
}
