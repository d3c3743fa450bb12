using Sampan.Storage.Archives;

namespace Sampan.Storage.Building;

/// <summary>How copied files look.</summary>
public sealed record CopyLooks
{
    /// <summary>As they are in their tree.</summary>
    public static CopyLooks AsTheyAre { get; } = new();

    /// <summary>Everything gets this owner; null: its own.</summary>
    public (uint Uid, uint Gid)? Owner { get; init; }

    /// <summary>Permissions from those that it has, and whether it is a directory; null: its own. Not asked for links.</summary>
    public Func<UnixFileMode, bool, UnixFileMode>? Mode { get; init; }

    /// <summary>What of a directory is left out, by the path below it; null: nothing.</summary>
    public Func<string, bool>? Excludes { get; init; }

    /// <summary>Devices are copied: those of an image may be, those of a context not.</summary>
    public bool TakesDevices { get; init; }

    internal TarEntry Apply(TarEntry facts)
    {
        if (Owner is { } owner)
            facts = facts with { Uid = owner.Uid, Gid = owner.Gid };
        if (Mode is { } mode && facts.Kind != TarEntryKind.SymbolicLink)
            facts = facts with { Mode = mode(facts.Mode, facts.Kind == TarEntryKind.Directory) };
        return facts;
    }
}
