namespace Sampan.Storage.Registry;

/// <summary>
/// A blob to be read: one that is here, or one that is just being fetched from another registry. Whoever reads such a one waits for its
/// bytes, and gets the last of them only when the digest of all of them was right.
/// </summary>
public interface IBlobContent : IDisposable
{
    /// <summary>Which blob.</summary>
    ContentDigest Digest { get; }

    /// <summary>Its size in bytes; null: the other registry did not say.</summary>
    long? Length { get; }

    /// <summary>Reads bytes from <paramref name="offset"/> on; returns how many, 0 at the end.</summary>
    ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken ct);
}
