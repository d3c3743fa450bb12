using System.Buffers.Binary;
using System.Text;

namespace Sampan.BuildKit.Grpc;

/// <summary>
/// Lets a header have several values. gRPC's metadata are lists, each value in a field of its own; .NET's client for HTTP writes all values of a name into
/// one field, with commas, which no server takes apart again. So values are put into one with <see cref="Separator"/>, and here, on the way out, the
/// field becomes several. What passes is HTTP/2 (RFC 9113) with headers as .NET encodes them: without Huffman's code.
/// </summary>
internal sealed class MetadataLists(Stream inner) : WrappedStream(inner)
{
    /// <summary>Between values that are to be fields of their own; no value has it.</summary>
    internal const char Separator = '\x1f';

    private const int Preface = 24;
    private const int FrameHead = 9;
    private const int MaxFrame = 16384;
    private const byte Headers = 1;
    private const byte Continuation = 9;
    private const byte EndHeaders = 4;
    private const byte Padded = 8;
    private const byte Priority = 0x20;

    private readonly byte[] _head = new byte[FrameHead];
    private readonly MemoryStream _block = new();
    private readonly MemoryStream _out = new();
    private int _preface = Preface;
    private int _headLength;
    private int _left;
    private byte _firstFlags;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Pass(buffer.Span);
        if (_out.Length == 0)
            return;
        await Inner.WriteAsync(_out.GetBuffer().AsMemory(0, (int)_out.Length), cancellationToken);
        _out.SetLength(0);
    }

    private bool IsHeaders => _head[3] is Headers or Continuation;

    private void Pass(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_preface > 0)
            {
                var first = Math.Min(_preface, bytes.Length);
                _out.Write(bytes[..first]);
                _preface -= first;
                bytes = bytes[first..];
                continue;
            }
            if (_headLength < FrameHead)
            {
                var take = Math.Min(FrameHead - _headLength, bytes.Length);
                bytes[..take].CopyTo(_head.AsSpan(_headLength));
                _headLength += take;
                bytes = bytes[take..];
                if (_headLength == FrameHead)
                    Begin();
                continue;
            }
            var piece = bytes[..Math.Min(_left, bytes.Length)];
            (IsHeaders ? _block : _out).Write(piece);
            _left -= piece.Length;
            bytes = bytes[piece.Length..];
            if (_left == 0)
                End();
        }
    }

    private void Begin()
    {
        _left = (_head[0] << 16) | (_head[1] << 8) | _head[2];
        if (_head[3] == Headers)
        {
            _block.SetLength(0);
            _firstFlags = _head[4];
            if ((_firstFlags & (Padded | Priority)) != 0)
                throw new NotSupportedException("a head of HTTP/2 with padding or a priority, which .NET does not send");
        }
        else if (_head[3] != Continuation)
        {
            _out.Write(_head);
        }
        if (_left == 0)
            End();
    }

    private void End()
    {
        _headLength = 0;
        if (!IsHeaders || (_head[4] & EndHeaders) == 0)
            return;
        var block = Split(_block.GetBuffer().AsSpan(0, (int)_block.Length));
        var stream = BinaryPrimitives.ReadUInt32BigEndian(_head.AsSpan(5));
        Span<byte> head = stackalloc byte[FrameHead];
        for (var at = 0; at == 0 || at < block.Length; at += MaxFrame)
        {
            var length = Math.Min(MaxFrame, block.Length - at);
            BinaryPrimitives.WriteInt32BigEndian(head, length << 8);
            head[3] = at == 0 ? Headers : Continuation;
            head[4] = (byte)((at == 0 ? _firstFlags & ~EndHeaders : 0) | (at + length == block.Length ? EndHeaders : 0));
            BinaryPrimitives.WriteUInt32BigEndian(head[5..], stream);
            _out.Write(head);
            _out.Write(block, at, length);
        }
    }

    // RFC 7541, 6: each field with the bits that say what it is.
    private static byte[] Split(ReadOnlySpan<byte> block)
    {
        using var split = new MemoryStream(block.Length + 64);
        for (var at = 0; at < block.Length;)
        {
            var start = at;
            var bits = block[at];
            if ((bits & 0xe0) == 0x20 || (bits & 0x80) != 0)
            {
                _ = Number(block, ref at, (bits & 0x80) != 0 ? 7 : 5);
                split.Write(block[start..at]);
                continue;
            }
            if (Number(block, ref at, (bits & 0x40) != 0 ? 6 : 4) == 0)
                Skip(block, ref at);
            var name = block[start..at];
            var valueAt = at;
            Skip(block, ref at);
            var isPlain = (block[valueAt] & 0x80) == 0;
            var value = valueAt;
            _ = Number(block, ref value, 7);
            if (!isPlain || block[value..at].IndexOf((byte)Separator) < 0)
            {
                split.Write(block[start..at]);
                continue;
            }
            foreach (var part in Encoding.Latin1.GetString(block[value..at]).Split(Separator))
            {
                split.Write(name);
                Put(split, part.Length);
                split.Write(Encoding.Latin1.GetBytes(part));
            }
        }
        return split.ToArray();
    }

    private static void Skip(ReadOnlySpan<byte> block, ref int at)
    {
        var length = Number(block, ref at, 7);
        at += length;
    }

    private static int Number(ReadOnlySpan<byte> block, ref int at, int bits)
    {
        var most = (1 << bits) - 1;
        var number = block[at++] & most;
        if (number < most)
            return number;
        for (var shift = 0; ; shift += 7)
        {
            var next = block[at++];
            number += (next & 0x7f) << shift;
            if ((next & 0x80) == 0)
                return number;
        }
    }

    private static void Put(MemoryStream output, int length)
    {
        if (length < 0x7f)
        {
            output.WriteByte((byte)length);
            return;
        }
        output.WriteByte(0x7f);
        for (length -= 0x7f; length >= 0x80; length >>= 7)
            output.WriteByte((byte)(length | 0x80));
        output.WriteByte((byte)length);
    }
}
