using System.Buffers.Binary;

namespace Sampan.DockerApi.Streams;

/// <summary>
/// Docker's framing of output without a terminal: eight bytes (stream, three zeros, the payload's length as big-endian
/// 32-bit number), then the payload. Used by attach, exec and logs.
/// See https://docs.docker.com/reference/api/engine/version/v1.48/#tag/Container/operation/ContainerAttach.
/// </summary>
public static class StreamFraming
{
    /// <summary>Bytes of a frame's header.</summary>
    public const int HeaderLength = 8;

    /// <summary>The media type of framed output (API 1.42 and newer).</summary>
    public const string MultiplexedMediaType = "application/vnd.docker.multiplexed-stream";

    /// <summary>The media type of unframed output, and of all output for API versions before 1.42.</summary>
    public const string RawMediaType = "application/vnd.docker.raw-stream";

    /// <summary>Writes a header for a payload of <paramref name="length"/> bytes (zero or more).</summary>
    public static void WriteHeader(Span<byte> header, StreamKind kind, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        header[0] = (byte)kind;
        header[1] = header[2] = header[3] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(header[4..HeaderLength], (uint)length);
    }

    /// <summary>Reads a header; false when it isn't one (unknown stream, or bytes that must be zero are not).</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> header, out StreamKind kind, out uint length)
    {
        kind = default;
        length = 0;
        if (header.Length < HeaderLength || header[0] > (byte)StreamKind.SystemError || (header[1] | header[2] | header[3]) != 0)
            return false;
        kind = (StreamKind)header[0];
        length = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        return true;
    }
}
