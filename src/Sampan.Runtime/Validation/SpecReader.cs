using System.Text.Json;
using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Validation;

/// <summary>Reads <c>config.json</c>; what is not as the specification has it is named by its path.</summary>
internal static class SpecReader
{
    /// <summary>A larger document is no configuration but an attack, or a mistake. Nesting is limited to 64 by the reader.</summary>
    internal const int ConfigMaxBytes = 16 * 1024 * 1024;

    private const string Root = "$";

    /// <summary>What a message shows of the words of the reader, which repeat a part of the document.</summary>
    private const int SyntaxMax = 200;

    private const string TypeFollows = "could not be converted to ";

    /// <summary>Reads and validates a document.</summary>
    /// <exception cref="RuntimeException">It is no JSON, has something of the wrong type, or is not sound: the path says where.</exception>
    internal static RuntimeSpec Read(ReadOnlyMemory<byte> document)
    {
        RuntimeSpec? spec;
        try
        {
            spec = SpecDocument.ReadSpec(document);
        }
        catch (JsonException failure)
        {
            throw new RuntimeException("specification", "invalid config.json: " + Describe(failure), failure);
        }
        if (spec is null)
            throw new RuntimeException("specification", "invalid config.json: it is null");
        SpecValidator.Require(spec);
        return spec;
    }

    /// <summary>What the reader did not like: <c>process.args[1]: a text is expected, in line 7</c>.</summary>
    internal static string Describe(JsonException failure)
    {
        var line = $"in line {(failure.LineNumber ?? 0) + 1}";
        var told = failure.Message.IndexOf(TypeFollows, StringComparison.Ordinal);
        if (told >= 0)
            return $"{Clean(failure.Path)}: {Expected(failure.Message.AsSpan(told + TypeFollows.Length))} is expected, {line}";
        // A syntax error: the words before the path and position that the message repeats.
        var end = failure.Message.IndexOf(" Path: ", StringComparison.Ordinal);
        var words = end < 0 ? failure.Message : failure.Message[..end];
        end = words.IndexOf(" LineNumber: ", StringComparison.Ordinal);
        words = SpecProblems.Quote((end < 0 ? words : words[..end]).Trim(), SyntaxMax).Trim('"');
        return $"it is not JSON, {line}: {words}";
    }

    private static string Clean(string? path)
    {
        if (path is null or Root)
            return "the document";
        path = path.StartsWith(Root + ".", StringComparison.Ordinal) ? path[2..] : path.StartsWith(Root, StringComparison.Ordinal) ? path[1..] : path;
        var shown = SpecProblems.Quote(path);
        return shown == $"\"{path}\"" ? path : shown;
    }

    // "System.String. Path: $.…"
    private static string Expected(ReadOnlySpan<char> type) => type[..Math.Max(0, type.IndexOf(". ", StringComparison.Ordinal))] switch
    {
        "System.String" => "a text",
        "System.Boolean" => "true or false",
        "System.UInt16" => "a whole number from 0 to 65535",
        "System.UInt32" => "a whole number from 0 to 4294967295",
        "System.UInt64" => "a whole number from 0 to 18446744073709551615",
        "System.Int32" => "a whole number from -2147483648 to 2147483647",
        "System.Int64" => "a whole number from -9223372036854775808 to 9223372036854775807",
        "System.Collections.Generic.IReadOnlyList" => "a list",
        _ => "an object",
    };
}
