namespace Sampand.Configuration;

/// <summary>Values by setting, as they were given in one place; a map's value is <c>name=value</c>.</summary>
internal sealed class Settings
{
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    /// <summary>The keys that were given.</summary>
    internal IEnumerable<string> Keys => _values.Keys;

    /// <summary>Adds a value.</summary>
    internal void Add(Option option, string value)
    {
        if (!_values.TryGetValue(option.Key, out var values))
            _values[option.Key] = values = [];
        if (option.Kind is OptionKind.Text or OptionKind.Switch or OptionKind.Number or OptionKind.Json)
            values.Clear();
        values.Add(value);
    }

    /// <summary>Notes that a list was given though it is empty.</summary>
    internal void AddEmpty(Option option) => _values.TryAdd(option.Key, []);

    /// <summary>A single value; null: not given.</summary>
    internal string? One(string key) => _values.TryGetValue(key, out var values) && values.Count > 0 ? values[^1] : null;

    /// <summary>All values; empty: not given.</summary>
    internal IReadOnlyList<string> All(string key) => _values.GetValueOrDefault(key) ?? [];

    /// <summary>These values and those of the file. A setting that stands in both is refused, as dockerd does: which was meant?</summary>
    /// <exception cref="ConfigurationException">A setting stands in both.</exception>
    internal Settings Join(Settings file)
    {
        var both = Keys.Intersect(file.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(k => $"{k}: (from flag: {string.Join(", ", All(k))}, from file: {string.Join(", ", file.All(k))})").ToList();
        if (both.Count > 0)
            throw new ConfigurationException($"the following directives are specified both as a flag and in the configuration file: {string.Join(", ", both)}");
        var joined = new Settings();
        foreach (var (key, values) in _values.Concat(file._values))
            joined._values[key] = values;
        return joined;
    }
}
