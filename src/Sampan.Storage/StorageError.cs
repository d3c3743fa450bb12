namespace Sampan.Storage;

/// <summary>Why storage refused; the engine translates it once.</summary>
public enum StorageError
{
    /// <summary>What was asked makes no sense: a bad name, an ambiguous prefix, a hostile archive.</summary>
    InvalidInput,

    /// <summary>There is no such image, layer, blob, volume or record.</summary>
    NotFound,

    /// <summary>It contradicts what is there: a name in use, an image with children.</summary>
    Conflict,

    /// <summary>Somebody still uses it.</summary>
    InUse,

    /// <summary>Valid, but not something this engine does.</summary>
    NotSupported,

    /// <summary>Bytes on disk or in an archive are damaged: truncated, a wrong digest, broken JSON.</summary>
    Corrupt,

    /// <summary>A registry wants to know who asks, or does not accept the answer.</summary>
    Unauthorized,

    /// <summary>A registry knows who asks, and says no.</summary>
    Forbidden,

    /// <summary>A registry cannot be reached, is broken, or is too busy; later it may work.</summary>
    Unavailable,

    /// <summary>The kernel refused: no room, read-only, too many links; the message has its words.</summary>
    Refused,
}
