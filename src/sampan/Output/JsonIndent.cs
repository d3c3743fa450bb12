using System.Text;

namespace Sampan.Cli.Output;

/// <summary>Lays JSON out over lines, four blanks per level, leaving texts and numbers exactly as they came.</summary>
internal static class JsonIndent
{
    public static void Append(StringBuilder output, string json, int level)
    {
        for (int i = 0; i < json.Length; i++)
        {
            char c = json[i];
            switch (c)
            {
                case '"':
                    int end = i + 1;
                    while (json[end] != '"') end += json[end] == '\\' ? 2 : 1;
                    output.Append(json, i, end - i + 1);
                    i = end;
                    break;
                case '{' or '[':
                    int next = i + 1;
                    while (char.IsWhiteSpace(json[next])) next++;
                    output.Append(c);
                    if (json[next] is '}' or ']')
                    {
                        output.Append(json[next]);
                        i = next;
                    }
                    else NewLine(output, ++level);
                    break;
                case '}' or ']':
                    NewLine(output, --level);
                    output.Append(c);
                    break;
                case ',':
                    output.Append(c);
                    NewLine(output, level);
                    break;
                case ':':
                    output.Append(": ");
                    break;
                default:
                    if (!char.IsWhiteSpace(c)) output.Append(c);
                    break;
            }
        }
    }

    private static void NewLine(StringBuilder output, int level) => output.Append('\n').Append(' ', 4 * level);
}
