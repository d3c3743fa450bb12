using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;

namespace Sampan.BuildKit.Grpc;

/// <summary>A message on the wire: one byte that says whether it is compressed, four for its length, the message.</summary>
public static class GrpcFrame
{
    /// <summary>Bytes before each message.</summary>
    public const int HeadBytes = 5;

    /// <summary>The largest message that is read unless a call says otherwise, as in gRPC.</summary>
    public const int MaxBytes = 4 << 20;

    /// <summary>A message with its head.</summary>
    public static byte[] ToBytes(IMessage message)
    {
        var length = message.CalculateSize();
        var frame = new byte[HeadBytes + length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), length);
        message.WriteTo(frame.AsSpan(HeadBytes));
        return frame;
    }

    /// <summary>Reads the next message; null: there is none any more.</summary>
    /// <param name="input">Where from.</param>
    /// <param name="parser">What it is.</param>
    /// <param name="maxBytes">A larger one is refused.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="GrpcException">It is too large, compressed, cut off or malformed.</exception>
    public static async ValueTask<T?> ReadAsync<T>(PipeReader input, MessageParser<T> parser, int maxBytes, CancellationToken ct)
        where T : class, IMessage<T>
    {
        while (true)
        {
            var result = await input.ReadAsync(ct);
            var buffer = result.Buffer;
            if (TryCut(ref buffer, maxBytes, out var body))
            {
                try
                {
                    return parser.ParseFrom(body);
                }
                catch (InvalidProtocolBufferException wrong)
                {
                    throw new GrpcException(GrpcCode.Internal, $"malformed message: {wrong.Message}", wrong);
                }
                finally
                {
                    input.AdvanceTo(buffer.Start);
                }
            }
            if (result.IsCompleted)
            {
                var left = buffer.Length;
                input.AdvanceTo(buffer.End);
                return left == 0 ? null : throw new GrpcException(GrpcCode.Internal, $"the stream ended inside of a message, {left} bytes into it");
            }
            input.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static bool TryCut(ref ReadOnlySequence<byte> buffer, int maxBytes, out ReadOnlySequence<byte> body)
    {
        body = default;
        if (buffer.Length < HeadBytes)
            return false;
        Span<byte> head = stackalloc byte[HeadBytes];
        buffer.Slice(0, HeadBytes).CopyTo(head);
        if (head[0] != 0)
            throw new GrpcException(GrpcCode.Unimplemented, "a compressed message: no compression was agreed on");
        var length = BinaryPrimitives.ReadUInt32BigEndian(head[1..]);
        if (length > (uint)maxBytes)
            throw new GrpcException(GrpcCode.ResourceExhausted, $"a message of {length} bytes, more than the {maxBytes} allowed");
        if (buffer.Length < HeadBytes + length)
            return false;
        body = buffer.Slice(HeadBytes, length);
        buffer = buffer.Slice(body.End);
        return true;
    }
}
