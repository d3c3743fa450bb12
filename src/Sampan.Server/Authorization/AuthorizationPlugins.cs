using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sampan.Server.Http;

namespace Sampan.Server.Authorization;

/// <summary>
/// Docker's authorization plugins: each request is shown to all of them before anything is done, each answer before it is sent;
/// the first that denies decides. They see exactly what is processed: the path as it was taken apart, so that no spelling of it
/// (<c>//containers</c>, <c>%63ontainers</c>) leads past a plugin, and the very bytes of the body that the handler is given,
/// whatever length the head claimed (CVE-2024-41110). Only the endpoints that take an archive keep it to themselves, as in Docker.
/// </summary>
internal sealed class AuthorizationPlugins(IReadOnlyList<AuthorizationPlugin> plugins) : IDisposable
{
    private static readonly HashSet<string> s_archives = ["PUT /containers/{id}/archive", "POST /images/load", "POST /images/create", "POST /build", "POST /plugins/create", "POST /sampan/builds/contexts", "POST /sampan/volumes/import"];

    private static readonly HashSet<string> s_credentials = new(StringComparer.OrdinalIgnoreCase) { "X-Registry-Auth", "X-Registry-Config" };

    /// <summary>Asks whether a request may be processed.</summary>
    /// <returns>What was asked, to ask about the answer later.</returns>
    internal async Task<AuthorizationMessage> AllowRequestAsync(Exchange x, RequestPath path, Route route)
    {
        var streams = s_archives.Contains($"{route.Method} {route.Template}");
        var body = streams ? default : await x.ReadBodyAsync().ConfigureAwait(false);
        var certificate = x.Http.Features.Get<ITlsConnectionFeature>()?.ClientCertificate;
        var message = new AuthorizationMessage
        {
            User = certificate?.GetNameInfo(X509NameType.SimpleName, forIssuer: false),
            UserAuthNMethod = certificate is null ? null : "TLS",
            RequestMethod = x.Http.Request.Method,
            RequestUri = path.Canonical + x.Http.Request.QueryString.Value,
            RequestBody = body.Length == 0 ? null : body.ToArray(),
            RequestHeaders = Headers(x.Http.Request.Headers),
            RequestPeerCertificates = certificate is null ? null : [certificate.ExportCertificatePem()],
        };
        foreach (var plugin in plugins)
            await plugin.AskAsync("AuthZPlugin.AuthZReq", message, x.Aborted).ConfigureAwait(false);
        return message;
    }

    /// <summary>Asks whether an answer may be sent, the last plugin first.</summary>
    internal async Task AllowAnswerAsync(AuthorizationMessage request, Exchange x, int status, ReadOnlyMemory<byte> body)
    {
        var message = request with
        {
            ResponseStatusCode = status,
            ResponseBody = body.Length == 0 ? null : body.ToArray(),
            ResponseHeaders = Headers(x.Http.Response.Headers),
        };
        foreach (var plugin in plugins.Reverse())
            await plugin.AskAsync("AuthZPlugin.AuthZRes", message, x.Aborted).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var plugin in plugins)
            plugin.Dispose();
    }

    private static Dictionary<string, string> Headers(IHeaderDictionary headers) =>
        headers.Where(h => !s_credentials.Contains(h.Key)).ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.Ordinal);
}
