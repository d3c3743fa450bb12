using System.Buffers.Binary;
using System.Text;

namespace Sampan.Cli.Commands.Images.Agents;

/// <summary>
/// Messages of the SSH agent protocol (draft-miller-ssh-agent): a length, a number that says what it is, and fields. Only asking for public keys and for
/// signatures is let through: what runs in a build shall neither lock the user's agent nor add or remove keys.
/// </summary>
internal static class AgentMessage
{
    public const byte Failure = 5;
    public const byte AskIdentities = 11;
    public const byte Identities = 12;
    public const byte AskSignature = 13;
    public const byte Signature = 14;

    /// <summary>OpenSSH's own limit.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>Whether a build may say this to an agent.</summary>
    public static bool IsAllowed(ReadOnlySpan<byte> message) => message is [AskIdentities or AskSignature, ..];

    /// <summary>Reads a message without its length; null: the other side is done.</summary>
    /// <exception cref="InvalidDataException">It is empty or too long.</exception>
    public static async Task<byte[]?> ReadAsync(Stream stream, CancellationToken ct)
    {
        byte[] head = new byte[4];
        int read = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, ct).ConfigureAwait(false);
        if (read < head.Length) return null;
        uint length = BinaryPrimitives.ReadUInt32BigEndian(head);
        if (length is 0 or > MaxBytes) throw new InvalidDataException($"a message of an SSH agent has {length} bytes");
        byte[] message = new byte[length];
        await stream.ReadExactlyAsync(message, ct).ConfigureAwait(false);
        return message;
    }

    /// <summary>Writes a message with its length.</summary>
    public static async Task WriteAsync(Stream stream, byte[] message, CancellationToken ct)
    {
        byte[] whole = new byte[message.Length + 4];
        BinaryPrimitives.WriteUInt32BigEndian(whole, (uint)message.Length);
        message.CopyTo(whole, 4);
        await stream.WriteAsync(whole, ct).ConfigureAwait(false);
        await stream.FlushAsync(ct).ConfigureAwait(false);
    }

    /// <summary>Fields, each with its length.</summary>
    public static byte[] Fields(params ReadOnlySpan<byte[]> fields)
    {
        using var bytes = new MemoryStream();
        Span<byte> length = stackalloc byte[4];
        foreach (byte[] field in fields)
        {
            BinaryPrimitives.WriteUInt32BigEndian(length, (uint)field.Length);
            bytes.Write(length);
            bytes.Write(field);
        }
        return bytes.ToArray();
    }

    /// <summary>A name as a field has it.</summary>
    public static byte[] Text(string text) => Encoding.ASCII.GetBytes(text);
}
