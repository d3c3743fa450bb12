using System.Text;
using Sampan.Linux;

namespace Sampan.Runtime.Launching;

/// <summary>Texts as Go programs print them: users, scripts and tests know the messages of runc by heart.</summary>
internal static class GoText
{
    /// <summary>strconv.Quote for what appears in paths.</summary>
    internal static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\t' => quoted.Append("\\t"),
                '\r' => quoted.Append("\\r"),
                < ' ' => quoted.Append($"\\x{(int)c:x2}"),
                _ => quoted.Append(c),
            };
        }
        return quoted.Append('"').ToString();
    }

    /// <summary>The words of syscall.Errno, without the name behind them.</summary>
    internal static string Describe(Errno errno)
    {
        var text = errno.Describe();
        var bracket = text.IndexOf(" (", StringComparison.Ordinal);
        return bracket < 0 ? text : text[..bracket];
    }
}
