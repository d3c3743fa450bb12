using System.Globalization;

namespace Sampan.Server.Gateway;

/// <summary>Reads <c>sampan.gateway.KEY</c> and, for containers with several ways to them, <c>sampan.gateway.NAME.KEY</c>.</summary>
internal static class GatewayLabels
{
    internal const string Prefix = "sampan.gateway.";
    private const int MaxHostLength = 253;

    /// <summary>The ways to a container.</summary>
    /// <param name="labels">Its labels.</param>
    /// <param name="problems">What is wrong with them; a way with a problem is none.</param>
    internal static IReadOnlyList<GatewayRule> Read(IReadOnlyDictionary<string, string> labels, List<string> problems)
    {
        var rules = new SortedDictionary<string, GatewayRule>(StringComparer.Ordinal);
        var broken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (label, value) in labels.Where(l => l.Key.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            var rest = label[Prefix.Length..];
            var dot = rest.LastIndexOf('.');
            var (name, key) = dot < 0 ? ("", rest) : (rest[..dot], rest[(dot + 1)..]);
            if (Read(rules.GetValueOrDefault(name) ?? new GatewayRule(), key, value) is { } rule)
            {
                rules[name] = rule;
                continue;
            }

            broken.Add(name);
            problems.Add($"label {label}={value}: {Expected(key)}");
        }

        return [.. rules.Where(r => !broken.Contains(r.Key)).Select(r => r.Value)];
    }

    private static GatewayRule? Read(GatewayRule rule, string key, string value) => key switch
    {
        "host" => value.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } hosts && hosts.All(IsHost) ? rule with { Hosts = [.. hosts.Select(h => h.ToLowerInvariant())] } : null,
        "path" => IsPath(value) ? rule with { Path = value.TrimEnd('/') } : null,
        "port" => ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 ? rule with { Port = port } : null,
        "strip" => bool.TryParse(value, out var strip) ? rule with { Strip = strip } : null,
        "health" => IsPath(value) ? rule with { Health = value } : null,
        "network" => value.Length > 0 ? rule with { Network = value } : null,
        _ => null,
    };

    private static string Expected(string key) => key switch
    {
        "host" => "expected host names such as 'shop.example.org' or '*.example.org', with commas between, or '*'",
        "path" or "health" => "expected a path such as '/api', of letters, digits and '/-._~'",
        "port" => "expected a port from 1 to 65535",
        "strip" => "expected 'true' or 'false'",
        "network" => "expected a network's name",
        _ => "unknown key: there are host, path, port, strip, health and network",
    };

    private static bool IsHost(string text)
    {
        if (text == "*")
            return true;
        var name = text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text;
        return name.Length is > 0 and <= MaxHostLength && name.Split('.').All(p => p.Length > 0 && p.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
    }

    private static bool IsPath(string text) =>
        text.StartsWith('/') && !text.Contains("//", StringComparison.Ordinal) && text.Split('/').All(p => p is not ("." or "..") && p.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~'));
}
