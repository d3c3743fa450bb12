using Microsoft.Win32.SafeHandles;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Trees;

/// <summary>
/// Says, outside of a container, where in it a copy has its one unfinished file: who copies may die, and the next daemon removes that file. Written
/// before the first file of each directory is made.
/// </summary>
internal sealed class CopyNote : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly string _path;

    private CopyNote(SafeFileHandle file, string path) => (_file, _path) = (file, path);

    /// <summary>Begins one.</summary>
    /// <param name="path">Where; there is nothing.</param>
    /// <exception cref="StorageException">Refused: the disk takes no more.</exception>
    internal static CopyNote Begin(string path) => Told(() => new CopyNote(File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read), path));

    /// <summary>From now on the unfinished file is here.</summary>
    /// <param name="rawPath">From the container's root.</param>
    /// <exception cref="StorageException">Refused: the disk takes no more.</exception>
    internal void Put(string rawPath) => Told(() =>
    {
        RandomAccess.Write(_file, RawName.ToBytes(rawPath + '\0'), 0);
        return true;
    });

    /// <summary>Where the unfinished file of a copy is that was cut off, from the container's root; null: it had none yet.</summary>
    internal static string? Read(string path)
    {
        var content = File.ReadAllBytes(path);
        // A shorter path was written over a longer one.
        var end = Array.IndexOf(content, (byte)0);
        return end > 0 ? RawName.Of(content.AsSpan(0, end)) : null;
    }

    /// <summary>There is no unfinished file any more.</summary>
    public void Dispose()
    {
        _file.Dispose();
        File.Delete(_path);
    }

    private static T Told<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception full) when (DiskRefusal.Is(full))
        {
            throw DiskRefusal.Of(full);
        }
    }
}
