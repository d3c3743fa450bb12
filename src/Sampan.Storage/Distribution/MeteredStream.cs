using Sampan.Storage.Archives;

namespace Sampan.Storage.Distribution;

/// <summary>Tells a meter what is read through it.</summary>
/// <param name="source">What is read.</param>
/// <param name="meter">Counts it.</param>
/// <param name="isQuiet">True while the meter only counts and tells nobody; null: never.</param>
internal sealed class MeteredStream(Stream source, TransferMeter meter, Func<bool>? isQuiet = null) : ReadOnlyStream
{
    public override int Read(Span<byte> buffer)
    {
        var count = source.Read(buffer);
        meter.Add(count, isQuiet?.Invoke() == true);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            source.Dispose();
        base.Dispose(disposing);
    }
}
