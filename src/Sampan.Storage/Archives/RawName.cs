using System.Text;

namespace Sampan.Storage.Archives;

/// <summary>
/// File names are bytes to the kernel, not text. A raw name is a string that holds one byte per character (Latin-1),
/// so that it can be cut and compared like text and still gives back exactly the bytes it was made of.
/// </summary>
internal static class RawName
{
    internal static string Of(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    internal static string FromText(string text) => Of(Encoding.UTF8.GetBytes(text));

    internal static byte[] ToBytes(string name) => Encoding.Latin1.GetBytes(name);

    /// <summary>The name for messages: as UTF-8, control characters replaced, shortened.</summary>
    internal static string Show(string name)
    {
        const int Longest = 200;
        var text = Encoding.UTF8.GetString(ToBytes(name));
        var shown = string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
        return shown.Length <= Longest ? shown : shown[..Longest] + "…";
    }
}
