namespace Sampan.Storage.Building;

/// <summary>What an entry of a <see cref="SourceTree"/> is.</summary>
public enum SourceKind
{
    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A file.</summary>
    File,

    /// <summary>A symbolic link.</summary>
    SymbolicLink,

    /// <summary>A fifo or a device.</summary>
    Special,
}
