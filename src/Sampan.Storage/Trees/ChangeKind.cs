namespace Sampan.Storage.Trees;

/// <summary>What happened to a path, in Docker's numbers.</summary>
public enum ChangeKind
{
    /// <summary>Content, owner, permissions, or something below it changed.</summary>
    Modified = 0,

    /// <summary>It was not there before.</summary>
    Added = 1,

    /// <summary>It is gone.</summary>
    Deleted = 2,
}
