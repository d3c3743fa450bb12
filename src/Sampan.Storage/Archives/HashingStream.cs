using System.Security.Cryptography;
using Sampan.Oci.Images;

namespace Sampan.Storage.Archives;

/// <summary>Hashes and counts what is read through it, and ends the reading at a limit.</summary>
internal sealed class HashingStream(Stream source, long maxBytes) : ReadOnlyStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    internal long Count { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        var count = source.Read(buffer);
        Count += count;
        if (Count > maxBytes)
            throw new StorageException(StorageError.InvalidInput, $"a layer has more than {maxBytes} bytes: refused");
        _hash.AppendData(buffer[..count]);
        return count;
    }

    /// <summary>The digest of all that was read.</summary>
    internal Digest Finish() => Digest.FromHash(_hash.GetHashAndReset());

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
            _hash.Dispose();
        }
        base.Dispose(disposing);
    }
}
