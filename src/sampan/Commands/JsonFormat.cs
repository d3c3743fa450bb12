using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sampan.Cli.Arguments;

namespace Sampan.Cli.Commands;

/// <summary>--format of commands whose docker counterparts have none: as text, or all of it as JSON.</summary>
internal static class JsonFormat
{
    public static Option<string> Option { get; } = new("format", null, "string", "'json': everything as JSON", "", static (_, text) => text) { Choices = ["json"] };

    /// <summary>Prints the value if JSON is asked for.</summary>
    /// <returns>False if it is not.</returns>
    public static bool Print<T>(Invocation call, T value, JsonTypeInfo<T> type)
    {
        if (call.Given(Option) is not { } format) return false;
        if (format != "json") throw new CommandException($"unknown format '{format}': only 'json' is known");
        call.Out.WriteLine(JsonSerializer.Serialize(value, type));
        return true;
    }
}
