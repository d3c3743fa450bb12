using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Sampan.Cli.Templates;

/// <summary>
/// Objects of the engine as docker's templates see them: docker fills a template with its own types, which have every field of
/// the API, whether or not the engine sent it. <c>{{if .State.Health}}</c> is answered for a container that has no health check.
/// </summary>
internal static class TypedJson
{
    /// <summary>Fills a template with an answer of the engine.</summary>
    /// <param name="template">The template.</param>
    /// <param name="json">What the engine sent.</param>
    /// <param name="type">The fields that it could have sent: asked for only by a template that wants what is not there, as it takes longer than all else.</param>
    /// <exception cref="TemplateException">There is no such field, in the answer or in the API.</exception>
    public static string Fill(Template template, JsonElement json, Func<JsonTypeInfo> type)
    {
        string? filled = null;
        TemplateException? missing = null;
        try
        {
            filled = template.Fill(json);
            if (!filled.Contains("<no value>", StringComparison.Ordinal)) return filled;
        }
        catch (TemplateException e)
        {
            missing = e;
        }
        try
        {
            return template.Fill(Of(json, type()));
        }
        catch (TemplateException)
        {
            return filled ?? throw missing!;
        }
    }

    private static object? Of(JsonElement json, JsonTypeInfo type)
    {
        bool isNull = json.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;
        return type.Kind switch
        {
            JsonTypeInfoKind.Object when isNull => Nil.Pointer,
            JsonTypeInfoKind.Enumerable when isNull => Nil.List,
            JsonTypeInfoKind.Dictionary when isNull => Nil.Map,
            _ when isNull => Zero(type.Type),
            JsonTypeInfoKind.Object when json.ValueKind == JsonValueKind.Object => new TypedObject(json, type),
            JsonTypeInfoKind.Enumerable when json.ValueKind == JsonValueKind.Array => Items(json, type).ToList(),
            JsonTypeInfoKind.Dictionary when json.ValueKind == JsonValueKind.Object => Entries(json, type),
            _ => TemplateValue.Of(json),
        };
    }

    private static IEnumerable<object?> Items(JsonElement json, JsonTypeInfo type) => json.EnumerateArray().Select(item => Of(item, Element(type)));

    private static Dictionary<string, object?> Entries(JsonElement json, JsonTypeInfo type) =>
        json.EnumerateObject().ToDictionary(entry => entry.Name, entry => Of(entry.Value, Element(type)), StringComparer.Ordinal);

    private static JsonTypeInfo Element(JsonTypeInfo type) => type.Options.GetTypeInfo(type.ElementType ?? typeof(JsonElement));

    private static object Zero(Type type) =>
        type == typeof(string) ? ""
        : type == typeof(bool) ? false
        : type == typeof(double) ? 0d
        : type.IsPrimitive ? 0L
        : Nil.Pointer;

    private sealed class TypedObject(JsonElement json, JsonTypeInfo type) : ITemplateObject
    {
        public string Kind => "map[string]interface {}";

        public bool TryGet(string name, IReadOnlyList<object?> arguments, out object? value)
        {
            value = null;
            if (arguments.Count > 0) return false;
            // Fields of Go are in upper case, whatever the JSON says: .ID, .TimeNano.
            var property = type.Properties.FirstOrDefault(p => p.Name == name)
                ?? (char.IsAsciiLetterUpper(name[0]) ? type.Properties.FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) : null);
            if (property is not null)
            {
                value = Of(json.TryGetProperty(property.Name, out var member) ? member : default, type.Options.GetTypeInfo(property.PropertyType));
                return true;
            }
            bool isThere = json.TryGetProperty(name, out var unknown);
            if (isThere) value = TemplateValue.Of(unknown);
            return isThere;
        }

        public string ToJson() => TemplateJson.Write(json);

        public string Print() => type.Properties.Count == 0 ? "{}" : TemplateValue.PrintInner(json);
    }
}
