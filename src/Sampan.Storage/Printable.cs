using System.Text;

namespace Sampan.Storage;

/// <summary>Text that may quote what a registry or an archive says, fit for a terminal and a log: no control characters, no megabytes.</summary>
internal static class Printable
{
    private const int MostCharacters = 800;

    /// <summary>The text on one line, cut where it is too long.</summary>
    internal static string Of(string text)
    {
        if (text.Length <= MostCharacters && !text.Any(char.IsControl))
            return text;
        var clean = new StringBuilder();
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MostCharacters)))
            clean.Append(char.IsControl(c) ? '?' : c);
        return text.Length <= MostCharacters ? clean.ToString() : clean.Append('…').ToString();
    }
}
