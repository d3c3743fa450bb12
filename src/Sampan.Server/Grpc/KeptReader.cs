using System.IO.Pipelines;

namespace Sampan.Server.Grpc;

/// <summary>A reader that stays open when its user is done with it: whoever lent it has the last word.</summary>
internal sealed class KeptReader(PipeReader inner) : PipeReader
{
    // What was read and not given back yet.
    private SequencePosition? _open;

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        if (!inner.TryRead(out result))
            return false;
        _open = result.Buffer.Start;
        return true;
    }

    /// <inheritdoc/>
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var result = await inner.ReadAsync(cancellationToken).ConfigureAwait(false);
        _open = result.Buffer.Start;
        return result;
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed)
    {
        _open = null;
        inner.AdvanceTo(consumed);
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _open = null;
        inner.AdvanceTo(consumed, examined);
    }

    /// <inheritdoc/>
    public override void CancelPendingRead() => inner.CancelPendingRead();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null)
    {
        if (_open is { } start)
            AdvanceTo(start);
    }
}
