using Sampan.Storage.Archives;

namespace Sampan.Storage.Distribution;

/// <summary>Tells a meter what is read through it.</summary>
internal sealed class MeteredStream(Stream source, TransferMeter meter) : ReadOnlyStream
{
    public override int Read(Span<byte> buffer)
    {
        var count = source.Read(buffer);
        meter.Add(count);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            source.Dispose();
        base.Dispose(disposing);
    }
}
