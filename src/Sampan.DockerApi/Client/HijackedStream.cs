using System.Net.Sockets;

namespace Sampan.DockerApi.Client;

/// <summary>
/// The raw duplex connection that attach and exec turn into. Output is framed (<see cref="Streams.StreamFraming"/>) unless
/// the process has a terminal.
/// </summary>
public sealed class HijackedStream : ForwardStream
{
    private readonly HttpConnection _connection;

    internal HijackedStream(HttpConnection connection, string? contentType)
    {
        _connection = connection;
        ContentType = contentType;
    }

    /// <summary>The media type the engine announced; null: none. From API 1.42 on it tells whether output is framed.</summary>
    public string? ContentType { get; }

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <summary>Ends the writing direction, so that the process reads the end of its input; output keeps coming.</summary>
    public void CloseWrite()
    {
        try
        {
            _connection.EndSending();
        }
        catch (SocketException)
        {
            // The other side is gone already: nothing is left to be ended.
        }
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _connection.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _connection.WriteAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _connection.Dispose();
        base.Dispose(disposing);
    }
}
