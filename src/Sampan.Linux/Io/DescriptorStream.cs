using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>
/// Writes to a descriptor with write(2). A FileStream on a standard stream that is a regular file would write at positions
/// of its own and overwrite what others wrote to the same file.
/// </summary>
public sealed class DescriptorStream(int fd) : Stream
{
    /// <inheritdoc/>
    public override bool CanRead => false;

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

    /// <summary>Writes everything; the HResult of a failure (an IOException) is the error number.</summary>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (Sys.WriteAll(fd, buffer) < 0) throw new IOException($"cannot write to descriptor {fd}: {Sys.LastErrno}", (int)Sys.LastErrno);
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();
}
