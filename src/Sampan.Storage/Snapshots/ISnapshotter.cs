using Sampan.Oci.Runtime;
using Sampan.Storage.Images;
using Sampan.Storage.Trees;

namespace Sampan.Storage.Snapshots;

/// <summary>
/// Makes the root file systems of containers. The life of a snapshot: <c>PrepareAsync</c> makes a writable one on top of an image's
/// layers; <see cref="OpenView"/> looks at it and prepares it while nothing runs; <see cref="Mounts"/> describes how the runtime mounts it,
/// as often as the container starts; <see cref="Remove"/> takes it away with all that was written. Nothing is ever mounted here.
/// </summary>
/// <remarks>Thread-safe for different keys; the caller orders calls for one key.</remarks>
public interface ISnapshotter
{
    /// <summary>The driver's name as <c>docker info</c> shows it: <c>overlay2</c>, <c>copy</c>.</summary>
    string Driver { get; }

    /// <summary>The keys of all snapshots, for finding those whose container is gone.</summary>
    IReadOnlyList<string> Keys { get; }

    /// <summary>Makes a writable snapshot on top of an image's layers. It keeps the layers, even if the image is removed by force.</summary>
    /// <param name="key">A plain file name, usually the container's identity.</param>
    /// <param name="image">An image of the store.</param>
    /// <param name="ct">Cancels; nothing stays behind then.</param>
    /// <exception cref="StorageException">Conflict: the key is taken; NotFound: the image was removed meanwhile.</exception>
    Task PrepareAsync(string key, ImageRecord image, CancellationToken ct);

    /// <summary>The same, with a limit of what may be written into it.</summary>
    /// <param name="key">A plain file name, usually the container's identity.</param>
    /// <param name="image">An image of the store.</param>
    /// <param name="size">Bytes; null: no limit.</param>
    /// <param name="ct">Cancels; nothing stays behind then.</param>
    /// <exception cref="StorageException">Conflict, NotFound; NotSupported: the file system has no project quotas, or the driver no limits.</exception>
    Task PrepareAsync(string key, ImageRecord image, long? size, CancellationToken ct);

    /// <summary>Makes what every snapshot has, whatever its image, for the <c>PrepareAsync</c> of the same key to find; nothing, if there is no such thing.</summary>
    /// <param name="key">A plain file name that nothing else has.</param>
    void MakeAhead(string key);

    /// <summary>Removes what was made ahead; nothing, if it was prepared meanwhile.</summary>
    void DropAhead(string key);

    /// <summary>Flushes that there is a snapshot, for a power cut to leave it; nothing, if there is none any more.</summary>
    /// <exception cref="StorageException">Refused.</exception>
    void Flush(string key);

    /// <summary>True if there is a snapshot under the key.</summary>
    bool Exists(string key);

    /// <summary>How to mount the snapshot on a container's root; the destination is <c>/</c>.</summary>
    /// <exception cref="StorageException">NotFound.</exception>
    IReadOnlyList<Mount> Mounts(string key);

    /// <summary>How to mount the snapshot in a container as its image is: without what is in every container's root besides.</summary>
    /// <exception cref="StorageException">NotFound.</exception>
    Mount ImageMount(string key);

    /// <summary>Removes the snapshot and layers that nothing else needs. Nothing happens if there is none.</summary>
    void Remove(string key);

    /// <summary>Bytes that the snapshot's own files take, without the layers below.</summary>
    /// <exception cref="StorageException">NotFound.</exception>
    long Usage(string key);

    /// <summary>Looks at the snapshot with the layers below, without mounting; writes go to the snapshot.</summary>
    /// <param name="key">Which.</param>
    /// <param name="asImage">As its image is: without what is in every container's root besides.</param>
    /// <exception cref="StorageException">NotFound.</exception>
    RootView OpenView(string key, bool asImage = false);

    /// <summary>Compares the snapshot with the image below it.</summary>
    /// <exception cref="StorageException">NotFound.</exception>
    SnapshotDifference OpenDifference(string key);

    /// <summary>The files that a container of this snapshot would see, for reading and writing, while nothing runs in it.</summary>
    /// <param name="key">Which snapshot.</param>
    /// <param name="mounts">What else the container sees: volumes and directories of the host.</param>
    /// <exception cref="StorageException">NotFound.</exception>
    ContainerTree OpenTree(string key, IReadOnlyList<TreeMount> mounts);

    /// <summary>The driver's own facts about the snapshot, as <c>docker inspect</c> shows them in GraphDriver.Data.</summary>
    /// <exception cref="StorageException">NotFound.</exception>
    IReadOnlyDictionary<string, string> Describe(string key);

    /// <summary>The same about an image's layers.</summary>
    IReadOnlyDictionary<string, string> Describe(ImageRecord image);
}
