using System.IO.Pipelines;

namespace Sampan.Server.Http;

/// <summary>
/// The sending half of a hijacked connection. Unlike the stream that a <see cref="PipeWriter"/> offers itself, it fails
/// when the client has gone, so that whoever pumps into it stops.
/// </summary>
internal sealed class SocketOutput(PipeWriter writer) : OneWayStream
{
    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        Check(await writer.WriteAsync(buffer, cancellationToken).ConfigureAwait(false));

    /// <inheritdoc/>
    public override async Task FlushAsync(CancellationToken cancellationToken) =>
        Check(await writer.FlushAsync(cancellationToken).ConfigureAwait(false));

    private static void Check(FlushResult result)
    {
        if (result.IsCompleted)
            throw new IOException("the client closed the connection");
        if (result.IsCanceled)
            throw new OperationCanceledException("the connection was aborted");
    }
}
