using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sampan.Cli.Arguments;

namespace Sampan.Cli.Commands;

/// <summary>--format of commands whose docker counterparts have none: as text, or all of it as JSON.</summary>
internal static class JsonFormat
{
    public static Option<string> Option { get; } = new("format", null, "string", "'json': everything as JSON", "", static (_, text) => text) { Choices = ["json"] };

    /// <summary>Whether JSON is asked for.</summary>
    public static bool IsAsked(Invocation call) => call.Given(Option) switch
    {
        null => false,
        "json" => true,
        var other => throw new CommandException($"unknown format '{other}': only 'json' is known"),
    };

    /// <summary>Prints the value if JSON is asked for.</summary>
    /// <returns>False if it is not.</returns>
    public static bool Print<T>(Invocation call, T value, JsonTypeInfo<T> type)
    {
        if (!IsAsked(call)) return false;
        call.Out.WriteLine(JsonSerializer.Serialize(value, type));
        return true;
    }
}
