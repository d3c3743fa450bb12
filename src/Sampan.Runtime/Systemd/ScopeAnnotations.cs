using System.Globalization;

namespace Sampan.Runtime.Systemd;

/// <summary>
/// Properties of the unit that the specification asks for by annotations, <c>org.systemd.property.NAME</c>, as runc reads them: the value is GVariant's
/// <see href="https://docs.gtk.org/glib/gvariant-text-format.html">text format</see>. Only those are taken that say when and how the unit ends: who may
/// write annotations must not configure the host by them (CVE-2024-3154).
/// </summary>
internal static class ScopeAnnotations
{
    private const string Prefix = "org.systemd.property.";

    private static readonly Dictionary<string, char> s_kinds = new(StringComparer.Ordinal)
    {
        ["After"] = 'a',
        ["Before"] = 'a',
        ["CollectMode"] = 's',
        ["DefaultDependencies"] = 'b',
        ["OOMPolicy"] = 's',
        ["RuntimeMaxUSec"] = 't',
        ["TimeoutStopUSec"] = 't',
    };

    /// <summary>The properties.</summary>
    /// <exception cref="RuntimeException">A property is not taken, or its value is none of its type.</exception>
    internal static IReadOnlyList<UnitProperty> Read(IReadOnlyDictionary<string, string> annotations)
    {
        var properties = new List<UnitProperty>();
        foreach (var (annotation, value) in annotations)
        {
            if (!annotation.StartsWith(Prefix, StringComparison.Ordinal))
                continue;
            var name = annotation[Prefix.Length..];
            // Seconds are for people; the bus knows microseconds.
            var isSeconds = name.EndsWith("Sec", StringComparison.Ordinal) && !name.EndsWith("USec", StringComparison.Ordinal);
            if (isSeconds)
                name = name[..^"Sec".Length] + "USec";
            if (!s_kinds.TryGetValue(name, out var kind))
                throw new RuntimeException("specification", $"annotations['{annotation}']: the property is not one of {string.Join(", ", s_kinds.Keys)}");
            properties.Add(new UnitProperty(name, Parse(kind, value.Trim(), isSeconds)
                ?? throw new RuntimeException("specification", $"annotations['{annotation}']: '{value}' is no {Expected(kind)} in GVariant's text format")));
        }
        return properties;
    }

    private static string Expected(char kind) => kind switch
    {
        'a' => "list of texts",
        'b' => "boolean",
        's' => "text",
        _ => "number",
    };

    private static DBusValue? Parse(char kind, string value, bool isSeconds) => kind switch
    {
        'a' => ParseTexts(value),
        'b' => value is "true" or "false" ? new DBusValue.Flag(value == "true") : null,
        's' => ParseText(value) is { } text ? new DBusValue.Text(text) : null,
        _ => ParseTime(value, isSeconds ? 1_000_000UL : 1),
    };

    /// <summary><c>uint64 5000000</c>, or the number alone.</summary>
    private static DBusValue.Number64? ParseTime(string value, ulong unit)
    {
        if (value.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [("int16" or "uint16" or "int32" or "uint32" or "int64" or "uint64"), var digits])
            value = digits;
        return ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= ulong.MaxValue / unit ? new DBusValue.Number64(number * unit) : null;
    }

    private static DBusValue.Texts? ParseTexts(string value)
    {
        if (value is not ['[', .. var inner, ']'])
            return null;
        var texts = new List<string>();
        foreach (var part in inner.Split(',', StringSplitOptions.TrimEntries))
        {
            if (ParseText(part) is not { } text)
                return null;
            texts.Add(text);
        }
        return new DBusValue.Texts(texts);
    }

    /// <summary>In single or double quotes; names of units and words need no escapes, and none are read.</summary>
    private static string? ParseText(string value) =>
        value.Length >= 2 && (value[0] is '\'' or '"') && value[^1] == value[0] && !value[1..^1].AsSpan().ContainsAny(value[0], '\\') ? value[1..^1] : null;
}
