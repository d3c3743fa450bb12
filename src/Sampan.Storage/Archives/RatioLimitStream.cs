namespace Sampan.Storage.Archives;

/// <summary>
/// Stops a decompression bomb (CVE-2017-14992) and gives damage one name: what a decompressor throws at broken input becomes Corrupt.
/// </summary>
internal sealed class RatioLimitStream(Stream decompressed, CountingStream compressed, ArchiveLimits limits) : ReadOnlyStream
{
    private long _count;

    public override int Read(Span<byte> buffer)
    {
        int count;
        try
        {
            count = decompressed.Read(buffer);
        }
        catch (Exception broken) when (broken is InvalidDataException or EndOfStreamException)
        {
            throw new StorageException(StorageError.Corrupt, $"damaged compressed data: {broken.Message.TrimEnd('.')}", broken);
        }
        _count += count;
        if (_count > limits.RatioFloorBytes && _count / limits.MaxRatio > compressed.Count)
            throw new StorageException(StorageError.InvalidInput, $"compressed data grows more than {limits.MaxRatio} times when unpacked: refused as a decompression bomb");
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            decompressed.Dispose();
        base.Dispose(disposing);
    }
}
