namespace Sampan.Storage.Building;

/// <summary>
/// Contents of a context that outlive its build, by name and fingerprint, so that the next build need not be sent what did not change. They lie in one
/// file, which goes with the process or when the next one starts.
/// </summary>
/// <remarks>For one build at a time.</remarks>
public sealed class KeptContents : IDisposable
{
    private Dictionary<string, Kept> _files = new(StringComparer.Ordinal);

    /// <param name="directory">Where the file is made.</param>
    public KeptContents(string directory) => Spool = new Spool(directory);

    /// <summary>Bytes on the disk, without those that a layer has as well.</summary>
    public long Bytes => Spool.Bytes;

    /// <summary>Of these, bytes of files that have changed since, or are gone.</summary>
    public long Waste { get; private set; }

    internal Spool Spool { get; }

    /// <summary>Whether a file's content is here.</summary>
    /// <param name="name">Its name in the context.</param>
    /// <param name="fingerprint">What the client says it is known by; empty: by nothing.</param>
    public bool Has(string name, string fingerprint) => fingerprint.Length > 0 && _files.TryGetValue(Archives.RawName.FromText(name), out var file) && file.Fingerprint == fingerprint;

    /// <inheritdoc/>
    public void Dispose() => Spool.Dispose();

    internal Kept? Find(string rawName) => _files.TryGetValue(rawName, out var file) ? file : null;

    internal void Replace(Dictionary<string, Kept> files)
    {
        _files = files;
        Spool.Keep(files.Values.Select(file => file.Content.Own).OfType<OwnFile>().ToHashSet());
        Waste = Spool.Length - files.Values.Sum(file => file.Size);
    }

    /// <summary>One file's content.</summary>
    internal readonly record struct Kept(string Fingerprint, long Size, SourceContent Content, byte[] Hash);
}
