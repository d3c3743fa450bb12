using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Sampan.DockerApi.Client;

/// <summary>A path with its query, put together piece by piece; what was not given stays out.</summary>
internal sealed class QueryString(string path)
{
    private readonly StringBuilder _text = new(path);
    private bool _any;

    public QueryString Add(string name, string? value)
    {
        if (string.IsNullOrEmpty(value)) return this;
        _text.Append(_any ? '&' : '?').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        _any = true;
        return this;
    }

    public QueryString Add(string name, bool value) => value ? Add(name, "1") : this;

    public QueryString Add(string name, int? value) => value is { } n ? Add(name, n.ToString(CultureInfo.InvariantCulture)) : this;

    public QueryString Add(string name, IEnumerable<string> values)
    {
        foreach (string value in values) Add(name, value);
        return this;
    }

    /// <summary>Filters as Docker's clients send them: {"status":{"running":true}}.</summary>
    public QueryString AddFilters(Filters? filters) =>
        filters is null || filters.IsEmpty ? this : Add("filters", JsonSerializer.Serialize(filters.ToWire(), DockerApiJson.Wire.LegacyFilterMap));

    public override string ToString() => _text.ToString();
}
