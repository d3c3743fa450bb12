using System.Security.Cryptography;
using System.Text;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Building;

/// <summary>A file, directory or link that can be copied into an image. Only looked at, never followed out of its tree.</summary>
public sealed class SourceEntry
{
    private readonly SourceContent? _content;
    private byte[]? _hash;

    internal SourceEntry(TarEntry facts, SourceContent? content, byte[]? hash = null)
    {
        Facts = facts;
        _content = content;
        _hash = hash;
        Kind = facts.Kind switch
        {
            TarEntryKind.Directory => SourceKind.Directory,
            TarEntryKind.File => SourceKind.File,
            TarEntryKind.SymbolicLink => SourceKind.SymbolicLink,
            _ => SourceKind.Special,
        };
    }

    /// <summary>What it is.</summary>
    public SourceKind Kind { get; }

    /// <summary>Its last name, as text.</summary>
    public string Name => Encoding.UTF8.GetString(RawName.ToBytes(RawLastName));

    /// <summary>Bytes of a file.</summary>
    public long Size => Kind == SourceKind.File ? Facts.Size : 0;

    /// <summary>Its name without directories, one byte per character.</summary>
    internal string RawLastName { get; init; } = "";

    /// <summary>Owner, permissions, times.</summary>
    internal TarEntry Facts { get; set; }

    /// <summary>By raw name; null for all but directories.</summary>
    internal SortedDictionary<string, SourceEntry>? Children { get; private set; }

    /// <summary>Entries with the same value are one file under several names; null: it has but one.</summary>
    internal object? LinkGroup { get; init; }

    /// <summary>The file that has this content and nothing else; null: there is none.</summary>
    internal OwnFile? Own => _content?.Own;

    /// <summary>The client's file that has this content, which was not read yet; null: the content is here.</summary>
    internal ClientFile? Coming => _content?.Client is { IsTaken: false } client ? client : null;

    /// <summary>Reads a small file.</summary>
    /// <param name="maxBytes">A larger one is refused.</param>
    /// <exception cref="StorageException">InvalidInput: too large, or no file.</exception>
    public byte[] ReadAll(int maxBytes)
    {
        if (Kind != SourceKind.File || Size > maxBytes)
            throw new StorageException(StorageError.InvalidInput, $"'{RawName.Show(RawLastName)}' {(Kind == SourceKind.File ? $"has {Size} bytes, more than the {maxBytes} allowed" : "is no file")}");
        using var all = new MemoryStream((int)Size);
        Copy(all.Write);
        return all.ToArray();
    }

    /// <summary>A stream of a file's content, for reading as an archive.</summary>
    public Stream OpenRead() => _content?.Open() ?? throw new InvalidOperationException("only files have content");

    /// <summary>Gives a file's content in pieces.</summary>
    internal void Copy(ReadOnlySpanAction sink)
    {
        if (Coming is { } client)
        {
            client.Copy(sink);
            return;
        }
        using var stream = OpenRead();
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(256 * 1024);
        try
        {
            for (int read; (read = stream.Read(buffer)) > 0;)
                sink(buffer.AsSpan(0, read));
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>SHA-256 of a file's content; read once.</summary>
    internal byte[] Hash()
    {
        if (_hash is not null)
            return _hash;
        if (_content?.Client is { } client)
            return _hash = client.Hash();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Copy(hash.AppendData);
        return _hash = hash.GetHashAndReset();
    }

    /// <summary>Another name for this file.</summary>
    internal SourceEntry Named(string rawName, TarEntry facts) => new(facts with { Kind = TarEntryKind.File, Size = Facts.Size }, _content, _hash) { RawLastName = rawName, LinkGroup = LinkGroup ?? this };

    /// <summary>Puts an entry into this directory, in the place of one of the same name; a directory keeps what it has.</summary>
    internal void Put(SourceEntry child)
    {
        Children ??= new(StringComparer.Ordinal);
        if (child.Kind == SourceKind.Directory && Children.TryGetValue(child.RawLastName, out var there) && there.Kind == SourceKind.Directory)
            there.Facts = child.Facts;
        else
            Children[child.RawLastName] = child;
    }
}
