namespace Sampan.Cli.Compose;

/// <summary>Writes whole lines, each behind a prefix, so that those of several containers do not run into each other.</summary>
internal sealed class PrefixedStream(byte[] prefix, Stream output, Lock gate) : Stream
{
    // A line that never ends is shown in pieces.
    private const int MaxLine = 64 * 1024;
    private readonly MemoryStream _line = new();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int end = buffer.IndexOf((byte)'\n');
            _line.Write(end < 0 ? buffer : buffer[..end]);
            buffer = end < 0 ? [] : buffer[(end + 1)..];
            if (end >= 0 || _line.Length > MaxLine) EndLine();
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer, offset, count);
        return Task.CompletedTask;
    }

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Shows a line that has no end.</summary>
    public void Finish()
    {
        if (_line.Length > 0) EndLine();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void EndLine()
    {
        lock (gate)
        {
            byte[] line = [.. prefix, .. _line.ToArray(), (byte)'\n'];
            output.Write(line);
            output.Flush();
        }
        _line.SetLength(0);
    }
}
