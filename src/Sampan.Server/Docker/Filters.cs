using System.Text.Json;
using System.Text.RegularExpressions;
using Sampan.DockerApi;
using Sampan.Engine;

namespace Sampan.Server.Docker;

/// <summary>The <c>filters</c> of a list or prune request: names with the values asked for.</summary>
internal sealed class Filters
{
    private readonly Dictionary<string, IReadOnlyList<string>> _values = new(StringComparer.Ordinal);

    /// <summary>Reads the query parameter: <c>{"label":["a=b"]}</c>, or the old <c>{"label":{"a=b":true}}</c>.</summary>
    /// <param name="json">The parameter; null: no filters.</param>
    /// <param name="known">The filters that exist here.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: not such JSON, or an unknown filter.</exception>
    internal static Filters Parse(string? json, params ReadOnlySpan<string> known)
    {
        var filters = Read(json);
        foreach (var name in filters._values.Keys)
        {
            if (!known.Contains(name))
                throw new EngineException(ErrorKind.InvalidArgument, $"invalid filter '{name}'");
        }

        return filters;
    }

    /// <summary>As <see cref="Parse"/>, whatever the filters are called.</summary>
    internal static Filters Read(string? json)
    {
        var filters = new Filters();
        if (json is null)
            return filters;
        try
        {
            foreach (var (name, values) in JsonSerializer.Deserialize(json, DockerApiJson.Wire.FilterMap) ?? new Dictionary<string, IReadOnlyList<string>>())
                filters._values[name] = values ?? [];
        }
        catch (JsonException)
        {
            filters.ReadLegacy(json);
        }

        return filters;
    }

    /// <summary>Whether the filter was given.</summary>
    internal bool Has(string name) => Values(name).Count > 0;

    /// <summary>What was asked for; empty: the filter was not given.</summary>
    internal IReadOnlyList<string> Values(string name) => _values.GetValueOrDefault(name) ?? [];

    /// <summary>A flag; null: not given.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: not a flag, or both.</exception>
    internal bool? Flag(string name)
    {
        bool? flag = null;
        foreach (var value in Values(name))
        {
            bool? read = value.ToLowerInvariant() switch { "1" or "true" => true, "0" or "false" => false, _ => null };
            if (read is null)
                throw new EngineException(ErrorKind.InvalidArgument, $"invalid filter '{name}={value}': expected 'true' or 'false'");
            if (flag is not null && flag != read)
                throw new EngineException(ErrorKind.InvalidArgument, $"invalid filter '{name}={value}': '{name}' is also given as '{(flag.Value ? "true" : "false")}'");
            flag = read;
        }

        return flag;
    }

    /// <summary>True if the filter was not given or one of its values is accepted.</summary>
    internal bool Any(string name, Func<string, bool> accepts)
    {
        var values = Values(name);
        if (values.Count == 0)
            return true;
        foreach (var value in values)
        {
            if (accepts(value))
                return true;
        }

        return false;
    }

    /// <summary>
    /// True if the labels have every <c>name</c> or <c>name=value</c> asked for, and not all of those of <c>label!</c>: given several times,
    /// it spares what has all of them, as with dockerd (<c>matchLabels</c>).
    /// </summary>
    internal bool Labels(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var wanted in Values("label"))
        {
            if (!HasLabel(labels, wanted))
                return false;
        }

        var unwanted = Values("label!");
        return unwanted.Count == 0 || !unwanted.All(label => HasLabel(labels, label));
    }

    /// <summary>Docker's rule for names: a regular expression that is found anywhere in the name.</summary>
    internal static bool NameMatches(string name, string pattern)
    {
        // Nearly all are a plain part of a name, perhaps anchored.
        var plain = pattern.AsSpan();
        var first = plain.StartsWith("^");
        if (first)
            plain = plain[1..];
        var last = plain.EndsWith("$");
        if (last)
            plain = plain[..^1];
        if (plain.IndexOfAny(@"\^$.|?*+()[]{}") < 0)
        {
            return (first, last) switch
            {
                (true, true) => name.AsSpan().SequenceEqual(plain),
                (true, false) => name.AsSpan().StartsWith(plain),
                (false, true) => name.AsSpan().EndsWith(plain),
                _ => name.AsSpan().IndexOf(plain) >= 0,
            };
        }

        try
        {
            return Regex.IsMatch(name, pattern, RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(100));
        }
        catch (Exception bad) when (bad is ArgumentException or RegexMatchTimeoutException)
        {
            throw new EngineException(ErrorKind.InvalidArgument, $"invalid filter 'name={pattern}': not a regular expression that can be used", bad);
        }
    }

    /// <summary>The point in time that an <c>until</c> filter means: a time, or a span back from now; null: not given.</summary>
    internal DateTimeOffset? Until(DateTimeOffset now)
    {
        if (!Has("until"))
            return null;
        if (Values("until") is not [var text])
            throw new EngineException(ErrorKind.InvalidArgument, "invalid filter 'until': only one is allowed");
        if (Http.Timestamp.TryParse(text, out var moment))
            return moment;
        if (Duration.TryParse(text, out var span))
            return now - span;
        throw new EngineException(ErrorKind.InvalidArgument, $"invalid filter 'until={text}': expected a time or a duration such as '10m'");
    }

    private static bool HasLabel(IReadOnlyDictionary<string, string> labels, string wanted)
    {
        var equals = wanted.IndexOf('=');
        return equals < 0
            ? labels.ContainsKey(wanted)
            : labels.TryGetValue(wanted[..equals], out var value) && value == wanted[(equals + 1)..];
    }

    private void ReadLegacy(string json)
    {
        try
        {
            foreach (var (name, values) in JsonSerializer.Deserialize(json, DockerApiJson.Wire.LegacyFilterMap) ?? new Dictionary<string, IReadOnlyDictionary<string, bool>>())
                _values[name] = [.. (values ?? new Dictionary<string, bool>()).Where(v => v.Value).Select(v => v.Key)];
        }
        catch (JsonException wrong)
        {
            throw new EngineException(ErrorKind.InvalidArgument, "invalid 'filters': expected JSON such as {\"label\":[\"a=b\"]}", wrong);
        }
    }
}
