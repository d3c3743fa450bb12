namespace Sampan.Server.Gateway;

/// <summary>All routes as of one moment; swapped whole. An exact host goes before a pattern, a long one before a short one, and a long path before a short one.</summary>
internal sealed class GatewayRoutes
{
    private readonly Dictionary<string, List<GatewayRoute>> _byHost;

    internal GatewayRoutes(IEnumerable<GatewayRoute> routes) =>
        _byHost = routes.GroupBy(r => r.Host, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.OrderByDescending(r => r.Path.Length).ToList(), StringComparer.Ordinal);

    internal static GatewayRoutes Empty { get; } = new([]);

    internal IEnumerable<GatewayRoute> All => _byHost.Values.SelectMany(r => r);

    /// <summary>The route of a request; null: there is none.</summary>
    /// <param name="host">The host's name in lower case, without a port.</param>
    /// <param name="path">The decoded path.</param>
    internal GatewayRoute? Find(string host, string path)
    {
        for (var pattern = host; ;)
        {
            if (_byHost.GetValueOrDefault(pattern)?.Find(r => r.Leads(path)) is { } found)
                return found;
            if (pattern == "*")
                return null;
            var dot = pattern.IndexOf('.', pattern.StartsWith("*.", StringComparison.Ordinal) ? 2 : 0);
            pattern = dot < 0 ? "*" : "*" + pattern[dot..];
        }
    }
}
