using System.Buffers.Binary;
using System.Text;

namespace Sampan.Build.Execution;

/// <summary>Takes the frames of a container's output apart and gives their text on; a character cut in two is put together again.</summary>
internal sealed class CommandOutput(Action<string> tell, Func<CancellationToken, Task> room) : Stream
{
    private readonly Decoder[] _decoders = [Encoding.UTF8.GetDecoder(), Encoding.UTF8.GetDecoder()];
    private readonly byte[] _head = new byte[8];
    private int _headLength;
    private int _left;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        await room(cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            if (_left == 0)
            {
                var take = Math.Min(8 - _headLength, buffer.Length);
                buffer[..take].CopyTo(_head.AsSpan(_headLength));
                buffer = buffer[take..];
                _headLength += take;
                if (_headLength < 8)
                    return;
                _headLength = 0;
                _left = BinaryPrimitives.ReadInt32BigEndian(_head.AsSpan(4));
                continue;
            }
            var piece = buffer[..Math.Min(_left, buffer.Length)];
            _left -= piece.Length;
            buffer = buffer[piece.Length..];
            var decoder = _decoders[_head[0] == 2 ? 1 : 0];
            var text = new char[decoder.GetCharCount(piece, flush: false)];
            var length = decoder.GetChars(piece, text, flush: false);
            if (length > 0)
                tell(new string(text, 0, length));
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
