using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Building;

/// <summary>What a client said it would send: which files it has, and which of them need no content because it is here.</summary>
public sealed class OfferedContext
{
    // ext2 to 4, XFS, Btrfs, tmpfs, overlay, F2FS, ZFS, bcachefs: statfs(2).
    private static readonly HashSet<long> s_local = [0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0xf2f52010, 0x2fc12fc1, 0xca451a4e];

    private readonly KeptContents _contents;
    private readonly Dictionary<string, string> _fingerprints = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KeptContents.Kept> _next = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ClientFile> _opened = new(StringComparer.Ordinal);

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

    /// <summary>How many files' contents are read from the client's own files when they are needed.</summary>
    public int Opened => _opened.Count;

    internal Spool Spool => _contents.Spool;

    /// <summary>Takes files that the client has open, as many as there may be.</summary>
    /// <param name="connection">A connection of the client's over a Unix socket: the kernel says whose it is. Others have no files to take.</param>
    /// <param name="files">Which.</param>
    /// <param name="most">How many at most.</param>
    public void Take(SafeHandle connection, IEnumerable<OpenedFile> files, int most)
    {
        ArgumentNullException.ThrowIfNull(files);
        using var client = PeerProcess.TryOpen(connection);
        if (client is null)
            return;
        foreach (var (name, descriptor, fingerprint) in files)
        {
            var raw = RawName.FromText(name);
            if (_opened.Count >= most || !_fingerprints.TryGetValue(raw, out var known) || _contents.Has(name, known) || _opened.ContainsKey(raw) || client.TryTake(descriptor) is not { } file)
                continue;
            // The number alone says little: behind a proxy it is that of a file of the proxy's.
            if (IsPlain(file, out var status) && status.Size >= OwnFile.LeastBytes && status.Fingerprint == fingerprint && (known.Length == 0 || known == fingerprint))
                _opened[raw] = new ClientFile(Spool, file, status, raw);
            else
                file.Dispose();
        }
    }

    /// <summary>Whether a file need not be sent because the client's own is read.</summary>
    /// <param name="name">Its name in the context.</param>
    public bool IsOpened(string name) => _opened.Count > 0 && _opened.ContainsKey(RawName.FromText(name));

    /// <summary>The build is over: what did not come will not come any more.</summary>
    public void Close()
    {
        _contents.Settle();
        foreach (var file in _opened.Values)
            file.Dispose();
        _opened.Clear();
    }

    // One that somebody's program or another machine serves could keep whoever asks for it waiting for ever, or be for its user's eyes alone (FUSE without
    // allow_other refuses root even a look): where it is comes first.
    private static bool IsPlain(SafeFileHandle file, out FileStatus status)
    {
        status = default;
        try
        {
            if (!s_local.Contains(file.FileSystemMagic()) || !file.IsReadable())
                return false;
            status = file.Status();
            return status.Kind == FileKind.Regular;
        }
        catch (LinuxException)
        {
            // The client can send it, perhaps.
            return false;
        }
    }

    // The content of a large file that the client has open; null: the entry has its content.
    internal ClientFile? FindOpened(string rawName)
    {
        if (!_opened.TryGetValue(rawName, out var file))
            return null;
        if (_fingerprints[rawName] is { Length: > 0 } fingerprint)
            _next[rawName] = new(fingerprint, file.Length, SourceContent.Of(file), null);
        return file;
    }

    /// <summary>What a file is known by; empty: by nothing.</summary>
    internal string Fingerprint(string name) => _fingerprints[RawName.FromText(name)];

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
