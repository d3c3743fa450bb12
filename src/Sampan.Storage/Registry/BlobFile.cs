using Microsoft.Win32.SafeHandles;

namespace Sampan.Storage.Registry;

/// <summary>An open blob of the store. It stays readable when the blob is removed meanwhile.</summary>
public sealed class BlobFile : IBlobContent
{
    internal BlobFile(ContentDigest digest, SafeFileHandle handle)
    {
        Digest = digest;
        Handle = handle;
        Length = RandomAccess.GetLength(handle);
    }

    /// <inheritdoc/>
    public ContentDigest Digest { get; }

    /// <summary>Its size in bytes.</summary>
    public long Length { get; }

    long? IBlobContent.Length => Length;

    private SafeFileHandle Handle { get; }

    /// <inheritdoc/>
    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken ct) => RandomAccess.ReadAsync(Handle, buffer, offset, ct);

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();
}
