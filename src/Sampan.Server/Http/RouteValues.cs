namespace Sampan.Server.Http;

/// <summary>What a path had in place of a template's parameters.</summary>
internal readonly struct RouteValues(IReadOnlyList<KeyValuePair<string, string>> values)
{
    /// <summary>The value of the parameter.</summary>
    internal string this[string name]
    {
        get
        {
            foreach (var (key, value) in values ?? [])
            {
                if (string.Equals(key, name, StringComparison.Ordinal))
                    return value;
            }

            throw new ArgumentException($"the route has no parameter '{name}'", nameof(name));
        }
    }
}
