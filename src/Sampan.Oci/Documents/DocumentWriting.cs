using System.Text.Json;

namespace Sampan.Oci.Documents;

/// <summary>What documents are made of, beside what the writer itself can: what is null is left out, what is empty is not.</summary>
internal static class DocumentWriting
{
    internal static void WriteText(this Utf8JsonWriter json, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
            json.WriteString(name, text);
    }

    internal static void WriteWhole(this Utf8JsonWriter json, ReadOnlySpan<byte> name, long? number)
    {
        if (number is { } known)
            json.WriteNumber(name, known);
    }

    internal static void WriteWhole(this Utf8JsonWriter json, ReadOnlySpan<byte> name, ulong? number)
    {
        if (number is { } known)
            json.WriteNumber(name, known);
    }

    internal static void WriteSwitch(this Utf8JsonWriter json, ReadOnlySpan<byte> name, bool? value)
    {
        if (value is { } known)
            json.WriteBoolean(name, known);
    }

    internal static void WriteTexts(this Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    internal static void WriteTexts(this Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyDictionary<string, string> texts)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in texts)
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    internal static void WriteObject<T>(this Utf8JsonWriter json, ReadOnlySpan<byte> name, T? value, Action<Utf8JsonWriter, T> members)
        where T : class
    {
        if (value is null)
            return;
        json.WriteStartObject(name);
        members(json, value);
        json.WriteEndObject();
    }

    internal static void WriteObjects<T>(this Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<T> values, Action<Utf8JsonWriter, T> members)
        where T : class
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStartObject();
            members(json, value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    internal static void WriteObjects<T>(this Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyDictionary<string, T> values, Action<Utf8JsonWriter, T> members)
        where T : class
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in values)
        {
            json.WriteStartObject(key);
            members(json, value);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }
}
