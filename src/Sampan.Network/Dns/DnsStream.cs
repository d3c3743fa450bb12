using System.Buffers.Binary;

namespace Sampan.Network.Dns;

/// <summary>Messages on a connection: each behind its length. See <see href="https://www.rfc-editor.org/rfc/rfc1035#section-4.2.2">RFC 1035, 4.2.2</see>.</summary>
internal static class DnsStream
{
    /// <summary>The next message; null: the other side has no more.</summary>
    internal static async Task<byte[]?> ReadAsync(Stream stream, CancellationToken ct)
    {
        var length = new byte[2];
        if (await stream.ReadAtLeastAsync(length, length.Length, throwOnEndOfStream: false, ct).ConfigureAwait(false) < length.Length)
            return null;
        var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        return await stream.ReadAtLeastAsync(message, message.Length, throwOnEndOfStream: false, ct).ConfigureAwait(false) < message.Length ? null : message;
    }

    internal static async Task WriteAsync(Stream stream, ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        var bytes = new byte[2 + message.Length];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)message.Length);
        message.CopyTo(bytes.AsMemory(2));
        await stream.WriteAsync(bytes, ct).ConfigureAwait(false);
    }
}
