using Microsoft.AspNetCore.Http;

namespace Sampan.Server.Http;

/// <summary>All endpoints. The first match in order of registration answers.</summary>
internal sealed class RouteTable
{
    // Every path has options; Docker's answer names none of them.
    private static readonly Route s_options = new("OPTIONS", "/{path*}", exchange => exchange.NoBody(StatusCodes.Status200OK));

    private readonly Dictionary<string, List<Route>> _byHead = new(StringComparer.Ordinal);

    /// <summary>Every endpoint.</summary>
    internal IEnumerable<Route> Routes => _byHead.Values.SelectMany(r => r);

    /// <summary>Adds an endpoint.</summary>
    internal RouteTable Map(string method, string template, Handler handler)
    {
        var route = new Route(method, template, handler);
        if (!_byHead.TryGetValue(route.Head, out var routes))
            _byHead[route.Head] = routes = [];
        routes.Add(route);
        return this;
    }

    /// <summary>Finds who answers; null: nobody, which Docker tells with a 404 whatever the method.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path's segments without the version prefix.</param>
    /// <param name="values">The template's parameters.</param>
    internal Route? Find(string method, ReadOnlySpan<string> path, out RouteValues values)
    {
        values = default;
        if (HttpMethods.IsOptions(method))
            return s_options;
        if (path.IsEmpty || !_byHead.TryGetValue(path[0], out var routes))
            return null;
        foreach (var route in routes)
        {
            if (string.Equals(route.Method, method, StringComparison.Ordinal) && route.TryMatch(path, out values))
                return route;
        }

        return null;
    }
}
