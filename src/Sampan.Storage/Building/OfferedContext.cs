using Sampan.Storage.Archives;

namespace Sampan.Storage.Building;

/// <summary>What a client said it would send: which files it has, and which of them need no content because it is here.</summary>
public sealed class OfferedContext
{
    private readonly KeptContents _contents;
    private readonly Dictionary<string, string> _fingerprints = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KeptContents.Kept> _next = new(StringComparer.Ordinal);

    /// <param name="contents">What is here, and gets what comes.</param>
    /// <param name="files">Names with their fingerprints, as offered.</param>
    public OfferedContext(KeptContents contents, IReadOnlyList<KeyValuePair<string, string>> files)
    {
        _contents = contents;
        foreach (var (name, fingerprint) in files)
        {
            _fingerprints[RawName.FromText(name)] = fingerprint;
            if (contents.Has(name, fingerprint))
                Known++;
        }
    }

    /// <summary>How many files need not be sent.</summary>
    public int Known { get; }

    /// <summary>How many files were offered.</summary>
    public int Count => _fingerprints.Count;

    /// <summary>True once the archive was read to its end, and what it had is kept.</summary>
    public bool IsWhole { get; private set; }

    internal Spool Spool => _contents.Spool;

    // The file that an entry without content stands for; null: the entry has its content.
    internal KeptContents.Kept? Find(string rawName)
    {
        if (!_fingerprints.TryGetValue(rawName, out var fingerprint) || fingerprint.Length == 0 || _contents.Find(rawName) is not { } kept || kept.Fingerprint != fingerprint)
            return null;
        _next[rawName] = kept;
        return kept;
    }

    internal void Add(string rawName, long size, SourceContent content, byte[] hash)
    {
        if (_fingerprints.TryGetValue(rawName, out var fingerprint) && fingerprint.Length > 0)
            _next[rawName] = new(fingerprint, size, content, hash);
    }

    internal void End()
    {
        _contents.Replace(_next);
        IsWhole = true;
    }
}
