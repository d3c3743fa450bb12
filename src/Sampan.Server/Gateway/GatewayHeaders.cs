using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Sampan.Server.Gateway;

/// <summary>Which headers pass the gateway, and what it says itself (RFC 9110 7.6).</summary>
internal static class GatewayHeaders
{
    // Between two neighbours; Content-Length and Transfer-Encoding are written anew for each of them, so that both sides
    // agree where a message ends (request smuggling).
    private static readonly HashSet<string> s_hopByHop = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "HTTP2-Settings", "Expect",
    };

    // Who the client is, is the gateway's to say. Names with '_' become the same variable as those with '-' in many a program.
    private static readonly HashSet<string> s_ours = new(StringComparer.OrdinalIgnoreCase)
    {
        "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Server", "X-Real-IP", "X-Original-URL", "X-Rewrite-URL", "Proxy",
    };

    /// <summary>Copies a request's headers.</summary>
    internal static void Copy(HttpRequest from, HttpRequestMessage to, string? stripped)
    {
        var connection = Named(from.Headers.Connection);
        foreach (var (name, values) in from.Headers)
        {
            if (name.StartsWith(':') || s_hopByHop.Contains(name) || connection.Contains(name) || s_ours.Contains(name.Replace('_', '-')) || name.Equals("Host", StringComparison.OrdinalIgnoreCase) || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                continue;
            if (!to.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
                to.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        to.Headers.Host = from.Host.Value;
        to.Headers.TryAddWithoutValidation("X-Forwarded-For", from.HttpContext.Connection.RemoteIpAddress is { } address ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString() : "unknown");
        to.Headers.TryAddWithoutValidation("X-Forwarded-Proto", from.Scheme);
        to.Headers.TryAddWithoutValidation("X-Forwarded-Host", from.Host.Value);
        if (stripped is { Length: > 0 })
            to.Headers.TryAddWithoutValidation("X-Forwarded-Prefix", stripped);
    }

    /// <summary>Copies an answer's headers.</summary>
    /// <exception cref="BadHttpRequestException">502: where it ends can be understood in two ways.</exception>
    internal static void Copy(HttpResponseMessage from, HttpResponse to)
    {
        var connection = Named(from.Headers.TryGetValues("Connection", out var values) ? new StringValues([.. values]) : default);
        if (from.Content.Headers.NonValidated.TryGetValues("Content-Length", out var lengths) && !(lengths.Count == 1 && long.TryParse(lengths.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            throw new BadHttpRequestException("the service's answer has no length, or two", StatusCodes.Status502BadGateway);
        Copy(from.Headers, to, connection);
        Copy(from.Content.Headers, to, connection);
    }

    /// <summary>A WebSocket's handshake: the only other protocol that is let through (HTTP/2 in clear text would go past all rules).</summary>
    internal static bool IsWebSocket(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Headers.Upgrade is [{ } upgrade] && upgrade.Equals("websocket", StringComparison.OrdinalIgnoreCase) && Named(request.Headers.Connection).Contains("upgrade");

    private static void Copy(System.Net.Http.Headers.HttpHeaders from, HttpResponse to, HashSet<string> connection)
    {
        foreach (var (name, values) in from.NonValidated)
        {
            if (!s_hopByHop.Contains(name) && !connection.Contains(name))
                to.Headers.Append(name, new StringValues([.. values]));
        }
    }

    private static HashSet<string> Named(StringValues connection) =>
        new(connection.SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)), StringComparer.OrdinalIgnoreCase);
}
