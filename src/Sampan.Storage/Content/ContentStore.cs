using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Sampan.Linux.Files;
using Sampan.Linux.Processes;
using Sampan.Oci.Images;

namespace Sampan.Storage.Content;

/// <summary>
/// Blobs by digest. What stands under a digest has that digest: it was hashed while it was written, and renamed only then.
/// <code>
/// DATA-ROOT/content/blobs/sha256/HEX
/// DATA-ROOT/content/ingest/N          being written; leftovers of a crash are removed when the store is opened
/// DATA-ROOT/content/partial           what interrupted downloads left, for the next try
/// </code>
/// </summary>
/// <remarks>
/// Thread-safe. Whoever refers to blobs calls <see cref="Flush(IEnumerable{Digest})"/> before it writes its reference, and blobs without a reference are
/// removed when the daemon starts; so a power cut leaves no reference to a torn blob.
/// </remarks>
internal sealed class ContentStore
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const int MostFlushes = 4;

    private readonly string _blobs;
    private readonly string _ingest;
    private readonly ConcurrentDictionary<Digest, object> _unflushed = new();

    // Gone before they were flushed, and not written again.
    private readonly ConcurrentDictionary<Digest, bool> _lost = new();

    // One flush at a time: who comes second may refer to what the first one flushes.
    private readonly Lock _flushing = new();
    private long _sequence;

    private ContentStore(string dataRoot)
    {
        _blobs = Path.Combine(dataRoot, "content", "blobs", "sha256");
        _ingest = Path.Combine(dataRoot, "content", "ingest");
        foreach (var directory in new[] { "content", "content/blobs", "content/blobs/sha256", "content/ingest" })
        {
            // One by one: the mode counts only for the last of a path.
            Directory.CreateDirectory(Path.Combine(dataRoot, directory), OwnerOnly);
        }
        Partial = new PartialBlobs(dataRoot);
    }

    /// <summary>What interrupted downloads left.</summary>
    internal PartialBlobs Partial { get; }

    internal static ContentStore Open(string dataRoot)
    {
        var store = new ContentStore(dataRoot);
        foreach (var leftover in Directory.EnumerateFiles(store._ingest))
            DiskRefusal.TryNow(() => File.Delete(leftover));
        return store;
    }

    /// <summary>Begins a new blob.</summary>
    /// <param name="isReadSoon">False: nobody will read it from the disk soon.</param>
    internal BlobIngest Begin(bool isReadSoon = true) => new(this, Path.Combine(_ingest, Interlocked.Increment(ref _sequence).ToString(System.Globalization.CultureInfo.InvariantCulture)), isReadSoon);

    /// <summary>Stores a whole small blob.</summary>
    internal Digest Put(ReadOnlySpan<byte> content)
    {
        using var ingest = Begin();
        ingest.Write(content);
        return ingest.Commit();
    }

    /// <summary>A blob has its name, but is perhaps not on the disk: <see cref="Flush(IEnumerable{Digest})"/> sees to it.</summary>
    internal void MustFlush(Digest digest)
    {
        _unflushed[digest] = new object();
        _lost.TryRemove(digest, out _);
    }

    /// <summary>Waits until every blob is on the disk: only then may something refer to those that are new.</summary>
    /// <param name="needed">What will be referred to.</param>
    /// <exception cref="IOException">The disk took no more: they are tried again with the next.</exception>
    /// <exception cref="StorageException">NotFound: somebody removed one of them since it was written.</exception>
    internal void Flush(IEnumerable<Digest> needed)
    {
        Flush();
        if (_lost.IsEmpty)
            return;
        foreach (var digest in needed)
        {
            if (_lost.ContainsKey(digest) && !Contains(digest))
                throw new StorageException(StorageError.NotFound, $"blob '{digest}' was removed from the store while an image was made of it: do the same again");
        }
    }

    private void Flush()
    {
        lock (_flushing)
        {
            // The dictionary's own copy: another's counts first, and fails if more came meanwhile.
            var waiting = _unflushed.ToArray();
            if (waiting.Length == 0)
                return;
            try
            {
                // The disk takes their flushes together.
                Parallel.ForEach(waiting, new ParallelOptions { MaxDegreeOfParallelism = MostFlushes }, blob => Flush(blob.Key));
            }
            catch (AggregateException failed)
            {
                ExceptionDispatchInfo.Throw(failed.InnerExceptions[0]);
            }
            using (var directory = DirectoryHandle.Open(_blobs))
                directory.Descriptor.Sync();
            // Not those that were written once more meanwhile.
            foreach (var blob in waiting)
                _unflushed.TryRemove(blob);
        }
    }

    internal bool Contains(Digest digest) => File.Exists(PathOf(digest));

    /// <summary>The blob's size in bytes.</summary>
    /// <exception cref="StorageException">NotFound.</exception>
    internal long Size(Digest digest)
    {
        var file = new FileInfo(PathOf(digest));
        return file.Exists ? file.Length : throw Missing(digest);
    }

    /// <exception cref="StorageException">NotFound.</exception>
    internal Stream OpenRead(Digest digest)
    {
        try
        {
            return new FileStream(PathOf(digest), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        }
        catch (FileNotFoundException)
        {
            throw Missing(digest);
        }
    }

    /// <summary>Reads a document and checks its digest again: it decides what gets unpacked and run.</summary>
    /// <exception cref="StorageException">NotFound; InvalidInput: larger than <paramref name="limit"/>; Corrupt: the bytes on disk changed.</exception>
    internal byte[] ReadDocument(Digest digest, int limit)
    {
        using var stream = OpenRead(digest);
        if (stream.Length > limit)
            throw new StorageException(StorageError.InvalidInput, $"document '{digest}' has {stream.Length} bytes, more than the {limit} allowed");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        if (Digest.Of(content) != digest)
            throw new StorageException(StorageError.Corrupt, $"blob '{digest}' is damaged on disk: remove the image and load it again");
        return content;
    }

    internal IEnumerable<Digest> List()
    {
        foreach (var file in Directory.EnumerateFiles(_blobs))
        {
            if (Digest.TryParseHex(Path.GetFileName(file), out var digest))
                yield return digest;
        }
    }

    /// <summary>Removes a blob; nothing happens if there is none.</summary>
    internal void Remove(Digest digest)
    {
        File.Delete(PathOf(digest));
        FailPoint.Changed("removed", PathOf(digest));
    }

    internal string PathOf(Digest digest) => Path.Combine(_blobs, digest.Hex);

    private void Flush(Digest digest)
    {
        try
        {
            using var file = File.OpenHandle(PathOf(digest), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.FlushToDisk(file);
        }
        catch (FileNotFoundException)
        {
            // Removed again. Who wants to refer to it all the same is told.
            _lost[digest] = true;
        }
    }

    private static StorageException Missing(Digest digest) => new(StorageError.NotFound, $"blob '{digest}' is not in the store");
}
