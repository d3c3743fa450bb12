using System.Security.Cryptography;
using Sampan.Linux.Files;
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
    private int _waiting;

    internal BlobIngest(ContentStore store, string path)
    {
        _store = store;
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

    /// <summary>Where its bytes are until it is committed.</summary>
    internal string Path => _path;

    internal void Write(ReadOnlySpan<byte> content)
    {
        _hash.AppendData(content);
        _file.Write(content);
        Length += content.Length;
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
        if (Length >= StartBytes)
            _file.SafeFileHandle.StartWriting();
        _file.Dispose();
        if (expected is not null && expected != digest)
            throw new StorageException(StorageError.Corrupt, $"wrong digest: content is '{digest}', expected '{expected}'; get the image again");
        File.Move(_path, _store.PathOf(digest), overwrite: true);
        _store.MustFlush(digest);
        return digest;
    }

    public void Dispose()
    {
        _file.Dispose();
        _hash.Dispose();
        File.Delete(_path);
    }
}
