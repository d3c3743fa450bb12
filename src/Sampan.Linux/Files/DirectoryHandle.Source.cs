namespace Sampan.Linux.Files;

/// <summary>The directory as it is, to be copied.</summary>
public sealed partial class DirectoryHandle : ITreeSource
{
    DirectoryHandle ITreeSource.Top => this;

    IEnumerable<TreeEntry> ITreeSource.Entries()
    {
        foreach (var entry in List())
        {
            if (TryStat(entry.Name, out var status))
                yield return new TreeEntry(entry.Name, status, this);
        }
    }

    ITreeSource ITreeSource.Descend(TreeEntry entry) => OpenDirectory(entry.Name);
}
