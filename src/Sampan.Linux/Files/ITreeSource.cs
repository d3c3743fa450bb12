namespace Sampan.Linux.Files;

/// <summary>A directory that can be copied with all below it: one of the kernel's, or the same one of several layers, as they show together.</summary>
public interface ITreeSource : IDisposable
{
    /// <summary>The directory whose owner, permissions, times and attributes show.</summary>
    DirectoryHandle Top { get; }

    /// <summary>All that is in it. What vanishes meanwhile is left out.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    IEnumerable<TreeEntry> Entries();

    /// <summary>Opens a directory that is in it.</summary>
    /// <exception cref="LinuxException">ENOENT: it has vanished. Others: the kernel refused.</exception>
    ITreeSource Descend(TreeEntry entry);
}
