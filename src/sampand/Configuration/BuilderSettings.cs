using System.Globalization;
using System.Text.Json;
using Sampan.Build;

namespace Sampand.Configuration;

/// <summary>
/// The setting <c>builder</c>: how much the build cache may keep, in dockerd's words. See the
/// <see href="https://docs.docker.com/build/cache/garbage-collection/#docker-daemon-configuration-file">reference of daemon.json</see>.
/// </summary>
internal static class BuilderSettings
{
    /// <summary>Reads it; empty: nothing is ever cut back; null: it is not given.</summary>
    internal static IReadOnlyList<CachePolicy>? Read(Settings settings, List<string> problems)
    {
        if (settings.One("builder") is not { } text)
            return null;
        try
        {
            using var document = JsonDocument.Parse(text);
            return Policies(document.RootElement);
        }
        catch (Exception wrong) when (wrong is JsonException or FormatException or InvalidOperationException)
        {
            problems.Add($"invalid value of 'builder': {wrong.Message}");
            return null;
        }
    }

    private static IReadOnlyList<CachePolicy>? Policies(JsonElement builder)
    {
        JsonElement? gc = null;
        foreach (var member in Members(builder, "builder"))
            gc = member.Name == "gc" ? member.Value : throw Unknown("builder", member.Name);
        if (gc is not { } settings)
            return null;
        var enabled = true;
        IReadOnlyList<CachePolicy>? policies = null;
        var usual = new Sizes();
        foreach (var member in Members(settings, "gc"))
        {
            switch (member.Name)
            {
                case "enabled":
                    enabled = Flag(member);
                    break;
                case "policy":
                    policies = [.. (member.Value.ValueKind == JsonValueKind.Array ? member.Value : throw new FormatException("'policy' must be a list")).EnumerateArray().Select(Policy)];
                    break;
                default:
                    if (!usual.Take(member, "default"))
                        throw Unknown("gc", member.Name);
                    break;
            }
        }
        return !enabled ? [] : policies ?? (usual.IsGiven ? [new CachePolicy { Room = usual.Room, TakesShared = true }] : null);
    }

    private static CachePolicy Policy(JsonElement policy)
    {
        var sizes = new Sizes();
        var all = false;
        TimeSpan? unused = null;
        var kinds = new List<string>();
        foreach (var member in Members(policy, "policy"))
        {
            switch (member.Name)
            {
                case "all":
                    all = Flag(member);
                    break;
                case "filter":
                    foreach (var filter in Filters(member.Value))
                        Take(filter, ref unused, kinds);
                    break;
                default:
                    if (!sizes.Take(member, ""))
                        throw Unknown("policy", member.Name);
                    break;
            }
        }
        return new CachePolicy { Room = sizes.Room, TakesShared = all, Unused = unused, Kinds = kinds };
    }

    private static void Take(string filter, ref TimeSpan? unused, List<string> kinds)
    {
        foreach (var part in filter.Split(','))
        {
            var equals = part.IndexOf('=');
            var value = equals < 0 ? "" : part[(equals + 1)..].TrimStart('=');
            switch (equals < 0 ? part : part[..equals])
            {
                case "unused-for" or "until":
                    unused = Span(value);
                    break;
                case "type":
                    kinds.Add(value);
                    break;
                default:
                    throw new FormatException($"filter '{part}' is not supported: expected unused-for=… or type=…");
            }
        }
    }

    private static IEnumerable<string> Filters(JsonElement value) => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(filter => filter.ValueKind == JsonValueKind.String)
        ? value.EnumerateArray().Select(filter => filter.GetString() ?? "")
        : throw new FormatException("'filter' must be a list of texts");

    private static JsonElement.ObjectEnumerator Members(JsonElement value, string name) => value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : throw new FormatException($"'{name}' must be an object");

    private static bool Flag(JsonProperty member) => member.Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw new FormatException($"'{member.Name}' must be true or false"),
    };

    // Go's notation of whole parts: 48h, 1h30m.
    private static TimeSpan Span(string text)
    {
        var span = TimeSpan.Zero;
        var number = -1L;
        foreach (var c in text)
        {
            if (char.IsAsciiDigit(c) && number < 1_000_000)
                number = (Math.Max(number, 0) * 10) + (c - '0');
            else if (number < 0)
                throw Wrong();
            else
                (span, number) = (span + (c switch { 'h' => TimeSpan.FromHours(number), 'm' => TimeSpan.FromMinutes(number), 's' => TimeSpan.FromSeconds(number), _ => throw Wrong() }), -1);
        }
        return number < 0 && text.Length > 0 ? span : throw Wrong();

        FormatException Wrong() => new($"'{text}' is no span of time: expected hours, minutes and seconds, such as 48h");
    }

    private static FormatException Unknown(string where, string name) => new($"'{name}' of '{where}' is not known");

    private sealed class Sizes
    {
        private long? _reserved;
        private long? _maxUsed;
        private long? _minFree;

        internal CacheRoom Room => new(_reserved, _maxUsed, _minFree);

        internal bool IsGiven => (_reserved ?? _maxUsed ?? _minFree) is not null;

        // What always stays has had two names.
        internal bool Take(JsonProperty member, string prefix)
        {
            var name = prefix.Length == 0 ? member.Name : member.Name.StartsWith(prefix, StringComparison.Ordinal) && member.Name.Length > prefix.Length ? char.ToLowerInvariant(member.Name[prefix.Length]) + member.Name[(prefix.Length + 1)..] : "";
            switch (name)
            {
                case "keepStorage" or "reservedSpace":
                    _reserved = Bytes(member);
                    return true;
                case "maxUsedSpace":
                    _maxUsed = Bytes(member);
                    return true;
                case "minFreeSpace":
                    _minFree = Bytes(member);
                    return true;
                default:
                    return false;
            }
        }

        // As dockerd counts: k, m, g and t are of 1024, whatever follows them.
        private static long Bytes(JsonProperty member)
        {
            if (member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt64(out var plain) && plain >= 0)
                return plain;
            var text = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString() ?? "" : "";
            var digits = text.TrimEnd('b', 'B').TrimEnd('i', 'I').TrimEnd(' ');
            var shift = digits.Length == 0 ? -1 : char.ToLowerInvariant(digits[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, 't' => 40, >= '0' and <= '9' => 0, _ => -1 };
            if (shift >= 0 && decimal.TryParse(shift == 0 ? digits : digits[..^1].TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number * (1L << shift) is var bytes and < long.MaxValue)
                return (long)bytes;
            throw new FormatException($"'{member.Name}': '{text}' is no size: expected bytes, or a number with k, m, g or t");
        }
    }
}
