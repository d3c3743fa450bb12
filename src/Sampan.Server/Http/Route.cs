namespace Sampan.Server.Http;

/// <summary>One endpoint: a method, a template and who answers.</summary>
/// <remarks>
/// A template is literal segments and parameters: <c>/containers/{id}/json</c>. A parameter ending in a star,
/// <c>{name*}</c>, takes one or more segments: image names hold slashes.
/// </remarks>
internal sealed class Route
{
    private readonly string[] _segments;
    private readonly int _greedy;

    /// <summary>Makes the endpoint.</summary>
    /// <param name="method">The HTTP method, in capitals.</param>
    /// <param name="template">The path without a version prefix.</param>
    /// <param name="handler">Who answers.</param>
    internal Route(string method, string template, Handler handler)
    {
        Method = method;
        Template = template;
        Handler = handler;
        _segments = template.Split('/', StringSplitOptions.RemoveEmptyEntries);
        _greedy = Array.FindIndex(_segments, s => s.EndsWith("*}", StringComparison.Ordinal));
    }

    /// <summary>The HTTP method.</summary>
    internal string Method { get; }

    /// <summary>The path without a version prefix.</summary>
    internal string Template { get; }

    /// <summary>Who answers.</summary>
    internal Handler Handler { get; }

    /// <summary>The first segment, by which the table is divided.</summary>
    internal string Head => _segments[0];

    /// <summary>Matches the segments of a path; on success the parameters in the template's order.</summary>
    internal bool TryMatch(ReadOnlySpan<string> path, out RouteValues values)
    {
        values = default;
        if (_greedy < 0 ? path.Length != _segments.Length : path.Length < _segments.Length)
            return false;

        var extra = path.Length - _segments.Length;
        var names = new List<KeyValuePair<string, string>>(2);
        var at = 0;
        for (var i = 0; i < _segments.Length; i++)
        {
            var segment = _segments[i];
            var take = i == _greedy ? extra + 1 : 1;
            if (segment[0] == '{')
                names.Add(new(segment.Trim('{', '}', '*'), string.Join('/', path.Slice(at, take))));
            else if (!string.Equals(segment, path[at], StringComparison.Ordinal))
                return false;
            at += take;
        }

        values = new RouteValues(names);
        return true;
    }
}
