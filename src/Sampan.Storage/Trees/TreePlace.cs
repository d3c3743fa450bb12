using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Trees;

/// <summary>Where a walk ended: a directory, an entry in one, or the last directory before something that is not there.</summary>
internal sealed class TreePlace(DirectoryHandle directory, byte[]? name, FileStatus status, string canonical, IReadOnlyList<string> missing, bool isFound = true) : IDisposable
{
    private bool _isTaken;

    /// <summary>The directory itself, or that of the entry.</summary>
    internal DirectoryHandle Directory { get; } = directory;

    /// <summary>The entry's name; null: it is <see cref="Directory"/>.</summary>
    internal byte[]? Name { get; } = name;

    internal FileStatus Status { get; } = status;

    /// <summary>Raw path from the root without links; of what is there, if something is missing.</summary>
    internal string Canonical { get; } = canonical;

    /// <summary>Raw names that are not there.</summary>
    internal IReadOnlyList<string> Missing { get; } = missing;

    internal bool IsFound => isFound && Missing.Count == 0;

    /// <summary>A file of the host that is mounted in the container.</summary>
    internal static TreePlace OfHostFile(string source, string canonical)
    {
        var file = File.ResolveLinkTarget(source, returnFinalTarget: true)?.FullName ?? source;
        var directory = DirectoryHandle.Open(Path.GetDirectoryName(file) ?? "/");
        var name = RawName.ToBytes(RawName.FromText(Path.GetFileName(file)));
        if (directory.TryStat(name, out var status))
            return new TreePlace(directory, name, status, canonical, []);
        return new TreePlace(directory, null, default, canonical, [], isFound: false);
    }

    /// <summary>The directory, which then belongs to the caller.</summary>
    internal DirectoryHandle TakeDirectory()
    {
        _isTaken = true;
        return Directory;
    }

    public void Dispose()
    {
        if (!_isTaken)
            Directory.Dispose();
    }
}
