namespace Sampan.BuildKit.Sessions;

/// <summary>The connection of a session, which tells when it is over.</summary>
internal sealed class SessionConnection(Stream inner, Action over) : WrappedStream(inner)
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var read = await Inner.ReadAsync(buffer, cancellationToken);
            if (read == 0 && buffer.Length > 0)
                over();
            return read;
        }
        catch
        {
            over();
            throw;
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await Inner.WriteAsync(buffer, cancellationToken);
            await Inner.FlushAsync(cancellationToken);
        }
        catch
        {
            over();
            throw;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            over();
        base.Dispose(disposing);
    }
}
