using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Sampan.Engine.Logs.Drivers;

/// <summary>
/// The driver <c>journald</c>: datagrams of <c>NAME=value\n</c>, or <c>NAME\n</c>, 8 bytes length and the value where it has line ends. See
/// <see href="https://systemd.io/JOURNAL_NATIVE_PROTOCOL/">the protocol</see>.
/// </summary>
internal sealed class JournaldTarget(LogOrigin origin, string socket) : ILogTarget
{
    /// <summary>Where journald listens, if it runs.</summary>
    public const string Socket = "/run/systemd/journal/socket";

    private const int Error = 3;
    private const int Informational = 6;

    private Socket? _datagrams;

    /// <inheritdoc/>
    public async Task SendAsync(LogEntry entry, CancellationToken ct)
    {
        _datagrams ??= await new LogAddress("unixgram", "", 0, socket).ConnectDatagramAsync(ct);
        await _datagrams.SendAsync(Write(entry, origin), ct);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _datagrams?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>One entry as a datagram. Pure.</summary>
    public static byte[] Write(LogEntry entry, LogOrigin origin)
    {
        var to = new ArrayBufferWriter<byte>();
        Field(to, "PRIORITY", Encoding.ASCII.GetBytes(entry.Stream == LogStream.Stderr ? $"{Error}" : $"{Informational}"));
        Field(to, "MESSAGE", entry.Text.Span is [.., (byte)'\n'] ? entry.Text.Span[..^1] : entry.Text.Span);
        Field(to, "SYSLOG_IDENTIFIER", Encoding.UTF8.GetBytes(origin.Tag));
        Field(to, "CONTAINER_ID", Encoding.ASCII.GetBytes(origin.Id[..Math.Min(12, origin.Id.Length)]));
        Field(to, "CONTAINER_ID_FULL", Encoding.ASCII.GetBytes(origin.Id));
        Field(to, "CONTAINER_NAME", Encoding.UTF8.GetBytes(origin.Name));
        Field(to, "CONTAINER_TAG", Encoding.UTF8.GetBytes(origin.Tag));
        Field(to, "IMAGE_NAME", Encoding.UTF8.GetBytes(origin.ImageName));
        foreach (var (name, value) in origin.Attributes)
            Field(to, Name(name), Encoding.UTF8.GetBytes(value));
        return to.WrittenSpan.ToArray();
    }

    // Capitals, digits and underscores, no underscore first: the rest the journal would drop.
    private static string Name(string name) =>
        string.Concat(name.ToUpperInvariant().Select(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) ? c : '_')).TrimStart('_');

    private static void Field(ArrayBufferWriter<byte> to, string name, ReadOnlySpan<byte> value)
    {
        if (name.Length == 0)
            return;
        to.Write(Encoding.ASCII.GetBytes(name));
        if (value.Contains((byte)'\n'))
        {
            to.Write("\n"u8);
            BinaryPrimitives.WriteUInt64LittleEndian(to.GetSpan(sizeof(ulong)), (ulong)value.Length);
            to.Advance(sizeof(ulong));
        }
        else
        {
            to.Write("="u8);
        }

        to.Write(value);
        to.Write("\n"u8);
    }
}
