namespace Sampan.Storage.Collection;

/// <summary>What bytes on the data root belong to.</summary>
public enum LedgerKind
{
    /// <summary>An unpacked layer.</summary>
    Layer,

    /// <summary>A layer, configuration or manifest as it came.</summary>
    Blob,

    /// <summary>The record of an image, and all names.</summary>
    Image,

    /// <summary>What an interrupted download left, or something that is just being written.</summary>
    Unfinished,

    /// <summary>What only the builder keeps: layers of steps, cache mounts, its records.</summary>
    BuildCache,

    /// <summary>What a container wrote, its log and its record.</summary>
    Container,

    /// <summary>A volume.</summary>
    Volume,

    /// <summary>A managed plugin: its files, its record, what it said.</summary>
    Plugin,

    /// <summary>The engine's own: networks, locks, the directories themselves.</summary>
    Engine,
}
