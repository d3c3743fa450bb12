using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Sampan.Server.Tests.Docker;

/// <summary>A request's query that remembers which of its parameters somebody looked at.</summary>
internal sealed class RecordedQuery(IQueryCollection query) : IQueryCollection
{
    private readonly ConcurrentDictionary<string, bool> _asked = new(StringComparer.Ordinal);

    internal IEnumerable<string> Unasked => query.Keys.Where(name => !_asked.ContainsKey(name));

    public int Count => query.Count;

    public ICollection<string> Keys => query.Keys;

    public StringValues this[string key]
    {
        get
        {
            _asked[key] = true;
            return query[key];
        }
    }

    public bool ContainsKey(string key)
    {
        _asked[key] = true;
        return query.ContainsKey(key);
    }

    public bool TryGetValue(string key, [NotNullWhen(true)] out StringValues value)
    {
        _asked[key] = true;
        return query.TryGetValue(key, out value);
    }

    public IEnumerator<KeyValuePair<string, StringValues>> GetEnumerator() => query.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
