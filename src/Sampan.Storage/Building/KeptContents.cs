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
    public long Waste => Math.Max(0, Spool.Length - _files.Values.Where(file => file.Content.Client is not { IsTaken: false }).Sum(file => file.Size));

    internal Spool Spool { get; }

    /// <summary>Whether a file's content is here.</summary>
    /// <param name="name">Its name in the context.</param>
    /// <param name="fingerprint">What the client says it is known by; empty: by nothing.</param>
    public bool Has(string name, string fingerprint) => fingerprint.Length > 0 && _files.TryGetValue(Archives.RawName.FromText(name), out var file) && file.Fingerprint == fingerprint;

    /// <summary>Forgets large files that a layer got which is gone: nobody would find what they take on the disk. Not while a build has them.</summary>
    public void ForgetLost()
    {
        // Asked once: a layer may go between two questions, and what is closed is known no more.
        var lost = Spool.RemoveLost();
        if (lost.Count == 0)
            return;
        foreach (var (name, _) in _files.Where(file => file.Value.Content.Own is { } own && lost.Contains(own)).ToList())
            _files.Remove(name);
    }

    /// <inheritdoc/>
    public void Dispose() => Spool.Dispose();

    internal Kept? Find(string rawName) => _files.TryGetValue(rawName, out var file) ? file : null;

    internal void Replace(Dictionary<string, Kept> files)
    {
        _files = files;
        Spool.Keep(files.Values.Select(file => file.Content.Own).OfType<OwnFile>().ToHashSet());
    }

    /// <summary>Forgets what did not come, because nobody needed it, or changed while it came.</summary>
    internal void Settle()
    {
        foreach (var (name, _) in _files.Where(file => file.Value.Content.Client is { IsExact: false }).ToList())
            _files.Remove(name);
    }

    /// <summary>One file's content.</summary>
    /// <param name="Fingerprint">What the client knows it by.</param>
    /// <param name="Size">Bytes.</param>
    /// <param name="Content">Where it is.</param>
    /// <param name="Hash">Its SHA-256; null: the content tells.</param>
    internal readonly record struct Kept(string Fingerprint, long Size, SourceContent Content, byte[]? Hash);
}
