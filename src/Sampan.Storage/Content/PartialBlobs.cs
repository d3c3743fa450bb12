using Sampan.Oci.Images;

namespace Sampan.Storage.Content;

/// <summary>
/// What interrupted downloads left, for the next try: blobs that are only partly there, and whole ones whose image is not yet.
/// <code>
/// DATA-ROOT/content/partial/HEX, HEX.spans    see <see cref="PartialBlob"/>
/// DATA-ROOT/content/partial/HEX.kept          the blob is whole and in the store, and stays though no image refers to it
/// </code>
/// Each is open once at a time: who comes second waits. Thread-safe.
/// </summary>
internal sealed class PartialBlobs
{
    private const string KeptSuffix = ".kept";
    private const string SpansSuffix = ".spans";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _root;

    // Guards what follows: who has a blob open, and how many wait for it.
    private readonly Lock _gate = new();
    private readonly Dictionary<Digest, (SemaphoreSlim Turn, int Users)> _open = [];

    internal PartialBlobs(string dataRoot)
    {
        _root = Path.Combine(dataRoot, "content", "partial");
        Directory.CreateDirectory(_root, OwnerOnly);
        // Who died just after a blob got its place in the store left what was known of its parts.
        foreach (var spans in Directory.EnumerateFiles(_root, "*" + SpansSuffix).Where(spans => !File.Exists(spans[..^SpansSuffix.Length])))
            DiskRefusal.TryNow(() => File.Delete(spans));
    }

    /// <summary>Waits until nobody else has it.</summary>
    /// <returns>Gives the turn back when it is disposed.</returns>
    internal async Task<IDisposable> EnterAsync(Digest digest, CancellationToken ct)
    {
        SemaphoreSlim turn;
        lock (_gate)
        {
            var known = _open.TryGetValue(digest, out var entry) ? entry : (Turn: new SemaphoreSlim(1, 1), Users: 0);
            _open[digest] = (known.Turn, known.Users + 1);
            turn = known.Turn;
        }
        try
        {
            await turn.WaitAsync(ct);
        }
        catch
        {
            Leave(digest);
            throw;
        }
        return new Place(this, digest, turn);
    }

    /// <summary>Opens what is there of it, or begins it; the caller has its turn.</summary>
    internal PartialBlob Open(Digest digest, long size, int spans, BlobArrival? arrival = null) => PartialBlob.Open(Path.Combine(_root, digest.Hex), digest, size, spans, arrival);

    /// <summary>Keeps a whole blob until its image is complete.</summary>
    internal void Keep(Digest digest) => File.OpenHandle(KeptFile(digest), FileMode.OpenOrCreate, FileAccess.Write).Dispose();

    /// <summary>An image refers to it now, or it turned out to be bad.</summary>
    internal void Release(Digest digest) => File.Delete(KeptFile(digest));

    /// <summary>Keeps nothing of it, unless somebody else has it open.</summary>
    internal void Drop(Digest digest)
    {
        lock (_gate)
        {
            if (_open.ContainsKey(digest))
                return;
            foreach (var suffix in new[] { "", SpansSuffix, KeptSuffix })
                File.Delete(Path.Combine(_root, digest.Hex + suffix));
        }
    }

    /// <summary>The whole blobs that are kept.</summary>
    internal IEnumerable<Digest> Kept()
    {
        foreach (var file in Directory.EnumerateFiles(_root, "*" + KeptSuffix))
        {
            if (Digest.TryParseHex(Path.GetFileNameWithoutExtension(file), out var digest))
                yield return digest;
        }
    }

    /// <summary>Removes those that nobody has touched for long and nobody has open.</summary>
    /// <returns>The bytes that became free.</returns>
    internal long Sweep(DateTimeOffset before)
    {
        long freed = 0;
        foreach (var file in new DirectoryInfo(_root).EnumerateFiles())
        {
            lock (_gate)
            {
                if (file.LastWriteTimeUtc >= before.UtcDateTime || (Digest.TryParseHex(Path.GetFileNameWithoutExtension(file.Name), out var digest) && _open.ContainsKey(digest)))
                    continue;
                freed += file.Length;
                file.Delete();
            }
        }
        return freed;
    }

    private string KeptFile(Digest digest) => Path.Combine(_root, digest.Hex + KeptSuffix);

    private void Leave(Digest digest)
    {
        lock (_gate)
        {
            var (turn, users) = _open[digest];
            if (users > 1)
            {
                _open[digest] = (turn, users - 1);
                return;
            }
            _open.Remove(digest);
            turn.Dispose();
        }
    }

    private sealed class Place(PartialBlobs owner, Digest digest, SemaphoreSlim turn) : IDisposable
    {
        private int _given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _given, 1) != 0)
                return;
            turn.Release();
            owner.Leave(digest);
        }
    }
}
