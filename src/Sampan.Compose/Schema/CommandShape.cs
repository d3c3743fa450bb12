using System.Text;
using Sampan.Compose.Documents;

namespace Sampan.Compose.Schema;

/// <summary>A command: a list of words, or one text that is split as a shell would. An upper one replaces a lower one.</summary>
internal sealed class CommandShape : Shape
{
    private static readonly ListShape s_words = new(ScalarShape.Text) { Key = null };

    public static CommandShape Instance { get; } = new();

    public override string Expected => "text or a list of words";

    public override Node? Read(Node node, Reading reading, DocumentPath path)
    {
        switch (node)
        {
            case Scalar { Kind: ScalarKind.Null }: return node;
            case Scalar { Kind: ScalarKind.Text } text when Split(text.Text) is { } words:
                return new Sequence(node.At, [.. words.Select(w => new Scalar(node.At, w))]) { Tag = node.Tag };
            case Scalar { Kind: ScalarKind.Text }:
                reading.Problems.Add(node.At, path, "a quote is not closed");
                return null;
            case Sequence list: return s_words.Read(list, reading, path);
            default:
                reading.Expected(node, path, Expected);
                return null;
        }
    }

    /// <summary>The words of a text: blanks separate, quotes and backslashes protect; null: a quote is not closed.</summary>
    public static IReadOnlyList<string>? Split(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        bool inWord = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c is ' ' or '\t' or '\n' or '\r')
            {
                if (inWord) words.Add(word.ToString());
                word.Clear();
                inWord = false;
                continue;
            }
            inWord = true;
            if (c == '\\' && i + 1 < text.Length) word.Append(text[++i]);
            else if (c == '\'')
            {
                int end = text.IndexOf('\'', i + 1);
                if (end < 0) return null;
                word.Append(text, i + 1, end - i - 1);
                i = end;
            }
            else if (c == '"')
            {
                for (i++; i < text.Length && text[i] != '"'; i++)
                {
                    if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] is '"' or '\\' or '$' or '`') i++;
                    word.Append(text[i]);
                }
                if (i == text.Length) return null;
            }
            else word.Append(c);
        }
        if (inWord) words.Add(word.ToString());
        return words;
    }
}
