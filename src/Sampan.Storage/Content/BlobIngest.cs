using System.Security.Cryptography;
using Sampan.Linux.Files;
using Sampan.Linux.Processes;
using Sampan.Oci.Images;

namespace Sampan.Storage.Content;

/// <summary>A blob while it is written: hashed as it streams by, given its name at the end, gone if it is not committed.</summary>
internal sealed class BlobIngest : IDisposable
{
    // The disk works while the next bytes come: the flush at the end then waits less.
    private const int StartBytes = 8 * 1024 * 1024;

    private readonly ContentStore _store;
    private readonly string _path;
    private readonly FileStream _file;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    // Of one that is not read back soon: the beginning, while it is small, then whoever writes it past the page cache.
    private readonly MemoryStream? _head;
    private BlockWriter? _blocks;
    private int _waiting;

    /// <param name="store">Where it goes.</param>
    /// <param name="path">Where its bytes are until it has its name.</param>
    /// <param name="isReadSoon">False: whoever wants its bytes now has them, so a large one need not fill memory.</param>
    internal BlobIngest(ContentStore store, string path, bool isReadSoon)
    {
        _store = store;
        _head = isReadSoon ? null : new MemoryStream();
        _path = path;
        _file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
    }

    internal long Length { get; private set; }

    /// <summary>What was written of one that is not read soon, as long as that is less than <see cref="AlignedBlock.Size"/>.</summary>
    internal ReadOnlySpan<byte> Head => _head is null || _blocks is not null ? [] : _head.GetBuffer().AsSpan(0, (int)_head.Length);

    internal void Write(ReadOnlySpan<byte> content)
    {
        _hash.AppendData(content);
        Length += content.Length;
        if (_head is not null)
        {
            WritePast(content);
            return;
        }
        _file.Write(content);
        if ((_waiting += content.Length) < StartBytes)
            return;
        _file.SafeFileHandle.StartWriting();
        _waiting = 0;
    }

    /// <summary>Names the blob by its digest.</summary>
    /// <exception cref="StorageException">Corrupt: it is not the <paramref name="expected"/> one; nothing is kept.</exception>
    internal Digest Commit(Digest? expected = null)
    {
        var digest = Digest.FromHash(_hash.GetHashAndReset());
        _file.Write(Head);
        _blocks?.Finish();
        if (_waiting > 0 && Length >= StartBytes)
            _file.SafeFileHandle.StartWriting();
        // Somebody may refer to the one that is there: it is not replaced by one that a power cut could take.
        if (_store.Contains(digest))
            RandomAccess.FlushToDisk(_file.SafeFileHandle);
        _file.Dispose();
        if (expected is not null && expected != digest)
            throw new StorageException(StorageError.Corrupt, $"wrong digest: content is '{digest}', expected '{expected}'; get the image again");
        File.Move(_path, _store.PathOf(digest), overwrite: true);
        FailPoint.Changed("written", _store.PathOf(digest));
        _store.MustFlush(digest);
        return digest;
    }

    private void WritePast(ReadOnlySpan<byte> content)
    {
        if (_blocks is null && Length >= AlignedBlock.Size)
        {
            var head = Head;
            _blocks = new BlockWriter(_file.SafeFileHandle);
            _blocks.Append(head);
        }
        if (_blocks is null)
            _head?.Write(content);
        else
            _blocks.Append(content);
    }

    public void Dispose()
    {
        _blocks?.Dispose();
        _file.Dispose();
        _hash.Dispose();
        File.Delete(_path);
    }
}
