using System.Globalization;
using System.Text.Json;
using Sampan.Cli.Output;

namespace Sampan.Cli.Templates;

/// <summary>
/// What templates work on: null, bool, long, double, string, lists, maps, JSON and objects of our own. Printing follows Go's %v.
/// </summary>
internal static class TemplateValue
{
    public static object? Of(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => json.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        // Boxed apart: as one expression the whole number would become a double.
        JsonValueKind.Number => json.TryGetInt64(out long n) ? (object)n : json.GetDouble(),
        _ => json,
    };

    /// <summary>A field's value; <paramref name="problem"/> says why there is none.</summary>
    public static object? Field(object? value, string name, IReadOnlyList<object?> arguments, out string? problem)
    {
        problem = null;
        switch (value)
        {
            case ITemplateObject o when o.TryGet(name, arguments, out object? field):
                return field;
            case ITemplateObject o:
                problem = $"can't evaluate field {name} in type {o.Kind}";
                return null;
            case JsonElement { ValueKind: JsonValueKind.Object } json when json.TryGetProperty(name, out var property):
                return Of(property);
            case IReadOnlyDictionary<string, object?> map when map.TryGetValue(name, out object? item):
                return item;
            case JsonElement { ValueKind: JsonValueKind.Object } or IReadOnlyDictionary<string, object?>:
                problem = $"map has no entry for key \"{name}\"";
                return null;
            case null:
                problem = $"nil pointer evaluating interface {{}}.{name}";
                return null;
            default:
                problem = $"can't evaluate field {name} in type {TypeName(value)}";
                return null;
        }
    }

    public static IEnumerable<(object? Key, object? Item)>? Enumerate(object? value) => value switch
    {
        null => [],
        JsonElement { ValueKind: JsonValueKind.Array } a => a.EnumerateArray().Select((x, i) => ((object?)(long)i, Of(x))),
        JsonElement { ValueKind: JsonValueKind.Object } o => o.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => ((object?)p.Name, Of(p.Value))),
        IReadOnlyDictionary<string, object?> map => map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => ((object?)p.Key, p.Value)),
        IReadOnlyList<object?> list => list.Select((x, i) => ((object?)(long)i, x)),
        long n => Enumerable.Range(0, (int)Math.Clamp(n, 0, int.MaxValue)).Select(i => ((object?)(long)i, (object?)(long)i)),
        _ => null,
    };

    public static bool IsTrue(object? value) => value switch
    {
        _ when Nil.Is(value) => false,
        bool b => b,
        long n => n != 0,
        double d => d != 0,
        string s => s.Length > 0,
        JsonElement { ValueKind: JsonValueKind.Array } a => a.GetArrayLength() > 0,
        JsonElement { ValueKind: JsonValueKind.Object } o => o.EnumerateObject().Any(),
        IReadOnlyDictionary<string, object?> map => map.Count > 0,
        IReadOnlyList<object?> list => list.Count > 0,
        _ => true,
    };

    /// <summary>As {{.}} shows it.</summary>
    public static string Print(object? value) => value is null ? "<no value>" : PrintInner(value);

    /// <summary>As Go's %v shows it inside of something.</summary>
    public static string PrintInner(object? value) => value switch
    {
        null => "<nil>",
        bool b => b ? "true" : "false",
        string s => s,
        long n => n.ToString(CultureInfo.InvariantCulture),
        double d => GoFormat.General(d, -1),
        JsonElement { ValueKind: JsonValueKind.Array } or IReadOnlyList<object?> => "[" + string.Join(' ', (Enumerate(value) ?? []).Select(x => PrintInner(x.Item))) + "]",
        JsonElement { ValueKind: JsonValueKind.Object } binding when IsPortBinding(binding) => $"{{{string.Join(' ', binding.EnumerateObject().Select(p => p.Value.GetString()))}}}",
        JsonElement { ValueKind: JsonValueKind.Object } or IReadOnlyDictionary<string, object?> => "map[" + string.Join(' ', (Enumerate(value) ?? []).Select(x => $"{x.Key}:{PrintInner(x.Item)}")) + "]",
        JsonElement e => PrintInner(Of(e)),
        ITemplateObject o => o.Print(),
        _ => value.ToString() ?? "",
    };

    // Go prints a struct's values without their names. JSON does not tell a struct from a map; this one is what people print of inspect's answers: {{.NetworkSettings.Ports}}.
    private static bool IsPortBinding(JsonElement json) =>
        json.EnumerateObject().Select(p => p.Name).SequenceEqual(["HostIp", "HostPort"]) && json.EnumerateObject().All(p => p.Value.ValueKind == JsonValueKind.String);

    public static string TypeName(object? value) => value switch
    {
        null => "nil",
        bool => "bool",
        string => "string",
        long => "int",
        double => "float64",
        JsonElement { ValueKind: JsonValueKind.Array } or IReadOnlyList<object?> => "[]interface {}",
        ITemplateObject o => o.Kind,
        _ => "map[string]interface {}",
    };
}
