namespace Sampan.Storage.Trees;

/// <summary>How an archive is unpacked into a container.</summary>
public sealed record ExtractOptions
{
    /// <summary>A file does not take the place of a directory, nor the other way round.</summary>
    public bool KeepKinds { get; init; }

    /// <summary>Everything gets this owner; null: the archive's.</summary>
    public (uint Uid, uint Gid)? Owner { get; init; }

    /// <summary>A file of the caller's that is there while the archive is unpacked, for <see cref="ContainerTree.FinishExtract"/>; null: nobody goes on after a crash.</summary>
    public string? Note { get; init; }

    /// <summary>The directory itself gets what the archive says of its top: owner, permissions, attributes, time. Otherwise it stays as it is.</summary>
    public bool WithTop { get; init; }
}
