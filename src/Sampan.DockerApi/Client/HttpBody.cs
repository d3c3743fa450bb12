using System.Globalization;

namespace Sampan.DockerApi.Client;

/// <summary>
/// The body of a response. Read to its end it gives the connection back for the next request; disposed before, it closes
/// the connection, which is how a client stops a log or an event stream.
/// </summary>
internal sealed class HttpBody(HttpConnection connection, HttpHead head, bool empty, Action<HttpConnection> giveBack) : ForwardStream
{
    private readonly bool _chunked = !empty && head.IsChunked;

    // What is left of the body or of the current chunk; null: the body ends with the connection.
    private long? _left = empty ? 0 : head.IsChunked ? 0 : head.ContentLength;
    private bool _firstChunk = true;
    private bool _ended;

    /// <summary>How many bytes the answer says are still to come; null: it does not say.</summary>
    public long? Told => _chunked ? null : _left;

    /// <summary>Reads what an answer without a body needs read: nothing.</summary>
    public void EndIfEmpty()
    {
        if (!_chunked && _left == 0) End();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_ended || buffer.IsEmpty) return 0;
        if (_chunked && _left == 0 && !await ReadChunkSizeAsync(cancellationToken).ConfigureAwait(false)) return 0;
        if (_left is { } left && left < buffer.Length) buffer = buffer[..(int)left];
        int n = await connection.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (n == 0 && _left > 0) throw new DockerApiException(null, "the engine closed the connection in the middle of its answer") { IsCutOff = true };
        if (n == 0)
        {
            _ended = true;
            connection.Dispose();
            return 0;
        }
        _left -= n;
        EndIfEmpty();
        return n;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_ended)
        {
            _ended = true;
            connection.Dispose();
        }
        base.Dispose(disposing);
    }

    private async ValueTask<bool> ReadChunkSizeAsync(CancellationToken cancellationToken)
    {
        // chunk = size [; extensions] CRLF data CRLF; a size of zero ends the body, trailers may follow (RFC 9112, 7.1).
        if (!_firstChunk && await connection.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { Length: > 0 })
            throw new DockerApiException(null, "the engine sent a chunk that is longer than it said");
        _firstChunk = false;
        string? line = await connection.ReadLineAsync(cancellationToken).ConfigureAwait(false);
        string size = line?.Split(';')[0].Trim() ?? "";
        if (!long.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long n) || n < 0)
            throw new DockerApiException(null, line is null ? "the engine closed the connection in the middle of its answer" : $"the engine sent a chunk of invalid size '{size}'") { IsCutOff = line is null };
        _left = n;
        if (n > 0) return true;
        while (await connection.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { Length: > 0 })
        {
        }
        End();
        return false;
    }

    private void End()
    {
        if (_ended) return;
        _ended = true;
        if (head.IsClosing) connection.Dispose();
        else giveBack(connection);
    }
}
