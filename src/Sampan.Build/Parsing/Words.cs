using System.Text;

namespace Sampan.Build.Parsing;

/// <summary>Words of an instruction: blanks separate, quotes and the escape character hold together.</summary>
internal static class Words
{
    /// <summary>The words as written, quotes and escapes included: expansion takes those away.</summary>
    internal static List<string> Split(string text, char escape)
    {
        var words = new List<string>();
        var start = -1;
        var quote = '\0';
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (start >= 0)
                    words.Add(text[start..i]);
                start = -1;
                continue;
            }
            start = start < 0 ? i : start;
            if (c == escape && quote != '\'')
                i++;
            else if (quote == '\0' && c is '"' or '\'')
                quote = c;
            else if (c == quote)
                quote = '\0';
        }
        if (start >= 0)
            words.Add(text[start..]);
        return words;
    }

    /// <summary>A word without its quotes and escapes; nothing is expanded.</summary>
    internal static string Unquote(string word, char escape)
    {
        var plain = new StringBuilder();
        var quote = '\0';
        for (var i = 0; i < word.Length; i++)
        {
            var c = word[i];
            if (c == escape && quote != '\'' && i + 1 < word.Length)
                plain.Append(word[++i]);
            else if (quote == '\0' && c is '"' or '\'')
                quote = c;
            else if (c == quote && quote != '\0')
                quote = '\0';
            else
                plain.Append(c);
        }
        return plain.ToString();
    }
}
