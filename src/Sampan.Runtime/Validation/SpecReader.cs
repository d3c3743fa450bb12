using System.Text.Json;
using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Validation;

/// <summary>Reads <c>config.json</c>; what is not as the specification has it is named by its path.</summary>
internal static class SpecReader
{
    /// <summary>A larger document is no configuration but an attack, or a mistake. Nesting is limited to 64 by the reader.</summary>
    internal const int ConfigMaxBytes = 16 * 1024 * 1024;

    private const string Root = "$";
    private const string TypeFollows = "could not be converted";

    /// <summary>Reads and validates a document.</summary>
    /// <exception cref="RuntimeException">It is no JSON, has something of the wrong type, or is not sound: the path says where.</exception>
    internal static RuntimeSpec Read(ReadOnlySpan<byte> document)
    {
        RuntimeSpec? spec;
        try
        {
            spec = JsonSerializer.Deserialize(document, OciRuntimeJson.Default.RuntimeSpec);
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
        // The reader wraps what it says of a value; of the syntax it says itself.
        if (failure.InnerException is not JsonException && failure.Message.Contains(TypeFollows, StringComparison.Ordinal))
            return $"{Clean(failure.Path)}: {JsonShape.Expected(failure.Path ?? Root)} is expected, {line}";
        // A syntax error: the words before the path and position that the message repeats.
        var end = failure.Message.IndexOf(" Path: ", StringComparison.Ordinal);
        var words = end < 0 ? failure.Message : failure.Message[..end];
        end = words.IndexOf(" LineNumber: ", StringComparison.Ordinal);
        words = (end < 0 ? words : words[..end]).ReplaceLineEndings(" ");
        return $"it is not JSON, {line}: {(words.Length > 200 ? words[..200] + "…" : words)}";
    }

    private static string Clean(string? path)
    {
        if (path is null or Root)
            return "the document";
        path = path.StartsWith(Root + ".", StringComparison.Ordinal) ? path[2..] : path.StartsWith(Root, StringComparison.Ordinal) ? path[1..] : path;
        var shown = SpecProblems.Quote(path);
        return shown == $"\"{path}\"" ? path : shown;
    }
}
