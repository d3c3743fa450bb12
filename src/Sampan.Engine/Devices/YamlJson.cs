using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sampan.Engine.Devices;

/// <summary>Reads YAML that stands for JSON, as CDI files do: no anchors, no tags, plain scalars by YAML 1.2's core schema and octal numbers as Go reads them.</summary>
internal static class YamlJson
{
    private const int MaxDepth = 20;

    /// <summary>The only document of a text; null: there is nothing in it.</summary>
    /// <exception cref="FormatException">It is not such YAML.</exception>
    public static JsonNode? Read(string text)
    {
        try
        {
            var parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _))
                return null;
            var node = ReadNode(parser, 0);
            parser.Consume<DocumentEnd>();
            return parser.Accept<DocumentStart>(out _) ? throw new FormatException("it has more than one document") : node;
        }
        catch (YamlException wrong)
        {
            throw new FormatException($"this is no YAML: {wrong.Message} (line {wrong.Start.Line})", wrong);
        }
        catch (InvalidOperationException wrong)
        {
            // The scanner gives up in this way on some broken flow collections.
            throw new FormatException("this is no YAML: a list or mapping in brackets is not closed", wrong);
        }
    }

    private static JsonNode? ReadNode(Parser parser, int depth)
    {
        if (depth > MaxDepth)
            throw new FormatException($"it is nested more than {MaxDepth} levels deep");
        if (parser.TryConsume<Scalar>(out var scalar))
            return Value(scalar);
        if (parser.TryConsume<SequenceStart>(out _))
        {
            var list = new JsonArray();
            while (!parser.TryConsume<SequenceEnd>(out _))
                list.Add(ReadNode(parser, depth + 1));
            return list;
        }

        if (!parser.TryConsume<MappingStart>(out _))
            throw new FormatException($"line {parser.Current?.Start.Line}: {parser.Current?.GetType().Name} is not supported here");
        var map = new JsonObject();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = parser.Consume<Scalar>();
            if (!map.TryAdd(key.Value, ReadNode(parser, depth + 1)))
                throw new FormatException($"line {key.Start.Line}: '{key.Value}' is there twice");
        }

        return map;
    }

    private static JsonNode? Value(Scalar scalar)
    {
        var text = scalar.Value;
        if (scalar.Style != ScalarStyle.Plain)
            return JsonValue.Create(text);
        if (text is "" or "~" or "null" or "Null" or "NULL")
            return null;
        if (text is "true" or "True" or "TRUE" or "false" or "False" or "FALSE")
            return JsonValue.Create(text[0] is 't' or 'T');
        return Number(text) is { } number ? JsonValue.Create(number) : JsonValue.Create(text);
    }

    private static long? Number(string text)
    {
        var negative = text.StartsWith('-');
        var digits = negative ? text[1..] : text;
        if (digits.Length == 0 || !char.IsAsciiDigit(digits[0]))
            return null;
        try
        {
            long? value = digits switch
            {
                ['0', 'x', .. var hex] when hex.Length > 0 && hex.All(char.IsAsciiHexDigit) => Convert.ToInt64(hex, 16),
                ['0', 'o', .. var octal] when octal.Length > 0 && octal.All(c => c is >= '0' and <= '7') => Convert.ToInt64(octal, 8),
                ['0', .. var octal] when octal.Length > 0 && octal.All(c => c is >= '0' and <= '7') => Convert.ToInt64(octal, 8),
                _ when digits.All(char.IsAsciiDigit) => long.Parse(digits, CultureInfo.InvariantCulture),
                _ => null,
            };
            return negative ? -value : value;
        }
        catch (OverflowException)
        {
            return null;
        }
    }
}
