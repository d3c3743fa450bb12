using System.Net.Sockets;

namespace Sampan.Runtime;

/// <summary>
/// The standard streams of a process over a connection to its supervisor. Reading gives output: Docker's frames (8 bytes of header) or, with a
/// terminal, bare bytes; 0 when the process has ended and everything was read. Writing goes to standard input.
/// </summary>
/// <remarks>One reader and one writer at a time.</remarks>
public sealed class SupervisorStream : Stream
{
    private readonly NetworkStream _inner;

    internal SupervisorStream(Socket socket) => _inner = new NetworkStream(socket, ownsSocket: true);

    /// <summary>Ends standard input; output goes on.</summary>
    public Task CloseWriteAsync()
    {
        try
        {
            _inner.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The process and its supervisor are gone: nobody reads input any more.
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => _inner.Read(buffer, offset, count);

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _inner.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => _inner.ReadAsync(buffer, offset, count, cancellationToken);

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => _inner.Write(buffer, offset, count);

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _inner.WriteAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => _inner.WriteAsync(buffer, offset, count, cancellationToken);

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _inner.Dispose();
        base.Dispose(disposing);
    }
}
