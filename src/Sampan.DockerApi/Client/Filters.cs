namespace Sampan.DockerApi.Client;

/// <summary>The filters of a list, prune or event call: values by key. Values of one key are alternatives.</summary>
public sealed class Filters
{
    private readonly Dictionary<string, Dictionary<string, bool>> _values = new(StringComparer.Ordinal);

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _values.Count == 0;

    /// <summary>Whether there is one of this key.</summary>
    public bool Contains(string key) => _values.ContainsKey(key);

    /// <summary>Adds one; returns itself.</summary>
    public Filters Add(string key, string value)
    {
        if (!_values.TryGetValue(key, out var values)) _values[key] = values = new Dictionary<string, bool>(StringComparer.Ordinal);
        values[value] = true;
        return this;
    }

    internal IReadOnlyDictionary<string, IReadOnlyDictionary<string, bool>> ToWire() =>
        _values.ToDictionary(p => p.Key, p => (IReadOnlyDictionary<string, bool>)p.Value, StringComparer.Ordinal);
}
