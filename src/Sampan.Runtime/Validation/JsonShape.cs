using System.Text.Json.Serialization.Metadata;
using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Validation;

/// <summary>What the specification has at a path of the document, in words: found by following the path through the records.</summary>
internal static class JsonShape
{
    /// <summary>Describes what belongs at a path.</summary>
    /// <param name="path">As the JSON reader writes it: <c>$.linux.namespaces[2].type</c>, <c>$.annotations['a.b']</c>.</param>
    internal static string Expected(string path)
    {
        var type = OciRuntimeJson.Default.GetTypeInfo(typeof(RuntimeSpec));
        var rest = path.AsSpan().TrimStart('$');
        while (!rest.IsEmpty && type is not null)
        {
            var isIndex = rest[0] == '[';
            rest = rest[1..];
            var end = isIndex ? IndexEnd(rest) : rest.IndexOfAny('.', '[');
            var name = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(isIndex ? Math.Min(end + 1, rest.Length) : end)..];
            type = Step(type, name.Trim('\''), isIndex);
        }
        return Words(type);
    }

    // An index is a number, or a quoted name that may itself have brackets.
    private static int IndexEnd(ReadOnlySpan<char> rest)
    {
        if (rest is not ['\'', ..])
            return rest.IndexOf(']');
        var quote = rest[1..].IndexOf("']", StringComparison.Ordinal);
        return quote < 0 ? -1 : quote + 2;
    }

    private static JsonTypeInfo? Step(JsonTypeInfo type, ReadOnlySpan<char> name, bool isIndex)
    {
        if (type.Kind is JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary)
            return type.ElementType is { } element ? OciRuntimeJson.Default.GetTypeInfo(element) : null;
        foreach (var property in type.Properties)
        {
            if (!isIndex && name.SequenceEqual(property.Name))
                return OciRuntimeJson.Default.GetTypeInfo(property.PropertyType);
        }
        return null;
    }

    private static string Words(JsonTypeInfo? type)
    {
        if (type is null)
            return "something else";
        if (type.Kind is JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary)
            return "an object";
        if (type.Kind == JsonTypeInfoKind.Enumerable)
            return "a list";
        return Type.GetTypeCode(Nullable.GetUnderlyingType(type.Type) ?? type.Type) switch
        {
            TypeCode.String => "a text",
            TypeCode.Boolean => "true or false",
            TypeCode.UInt16 => "a whole number from 0 to 65535",
            TypeCode.UInt32 => "a whole number from 0 to 4294967295",
            TypeCode.UInt64 => "a whole number from 0 to 18446744073709551615",
            TypeCode.Int32 => "a whole number from -2147483648 to 2147483647",
            TypeCode.Int64 => "a whole number from -9223372036854775808 to 9223372036854775807",
            _ => "something else",
        };
    }
}
