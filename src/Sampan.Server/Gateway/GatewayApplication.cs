using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sampan.Server.Http;

namespace Sampan.Server.Gateway;

/// <summary>Takes each request to its route, and says no to what makes no sense or leads nowhere. No exception leaves it.</summary>
internal sealed class GatewayApplication(Func<GatewayRoutes> routes, GatewayOptions options, GatewayLog log, TimeProvider time) : CountedApplication
{
    private const int LongestLogged = 2048;

    /// <inheritdoc/>
    public override async Task ProcessRequestAsync(HttpContext context)
    {
        var begun = time.GetTimestamp();
        Forwarding? forwarding = null;
        try
        {
            var host = Check(context);
            var route = routes().Find(host, context.Request.Path.Value ?? "/") ?? throw new BadHttpRequestException("there is nothing here", StatusCodes.Status404NotFound);
            forwarding = new Forwarding(route, context, options.Patience, log);
            await forwarding.RunAsync().ConfigureAwait(false);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be answered.
        }
        catch (Exception failure)
        {
            await RefuseAsync(context, failure).ConfigureAwait(false);
        }

        options.AccessLog?.Invoke(Line(context, forwarding?.Asked, time.GetElapsedTime(begun)));
    }

    /// <summary>The host's name in lower case, without port and final dot.</summary>
    /// <exception cref="BadHttpRequestException">The request can be understood in two ways, or is no business of a gateway.</exception>
    private static string Check(HttpContext context)
    {
        var request = context.Request;
        // A body with two lengths is one length for us and perhaps another for who stands before us (RFC 9112 6.1). Kestrel puts the
        // one aside that does not count.
        if (request.Headers.TransferEncoding.Count > 0 && (request.ContentLength is not null || request.Headers.ContainsKey("X-Content-Length")))
        {
            context.Response.Headers.Connection = "close";
            throw new BadHttpRequestException("a request has either a Content-Length or a Transfer-Encoding");
        }

        if (HttpMethods.IsConnect(request.Method) || HttpMethods.IsTrace(request.Method))
            throw new BadHttpRequestException($"{request.Method} is not possible here", StatusCodes.Status405MethodNotAllowed);
        if (!request.Host.HasValue || request.Path.Value is not ['/', ..] path)
            throw new BadHttpRequestException("a host and a path are expected");
        // What one program takes for a part of a name is a way out for another.
        if (path.Split('/', '\\').Any(IsWayUp) || path.Contains('\0'))
            throw new BadHttpRequestException("the path can be understood in two ways");
        return request.Host.Host.TrimEnd('.').ToLowerInvariant();
    }

    private static bool IsWayUp(string part)
    {
        const string slash = "%2f";
        const string backslash = "%5c";
        return part is ".." || (part.Contains("..", StringComparison.Ordinal) && (part.Contains(slash, StringComparison.OrdinalIgnoreCase) || part.Contains(backslash, StringComparison.OrdinalIgnoreCase)));
    }

    private async Task RefuseAsync(HttpContext context, Exception failure)
    {
        if (context.Response.HasStarted)
        {
            // An answer that breaks off is better than one that looks complete.
            context.Abort();
            return;
        }

        var (status, message) = failure is BadHttpRequestException known ? (known.StatusCode, known.Message) : (StatusCodes.Status502BadGateway, "the service's answer could not be understood");
        if (failure is not (BadHttpRequestException or HttpRequestException or IOException))
            log.Failed(failure);
        try
        {
            var close = context.Response.Headers.Connection;
            context.Response.Headers.Clear();
            if (close.Count > 0)
                context.Response.Headers.Connection = close;
            context.Response.StatusCode = status;
            context.Response.ContentType = "text/plain; charset=utf-8";
            if (status == StatusCodes.Status503ServiceUnavailable)
                context.Response.Headers.RetryAfter = "1";
            var body = Encoding.UTF8.GetBytes(message + "\n");
            context.Response.ContentLength = body.Length;
            if (!HttpMethods.IsHead(context.Request.Method))
                await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The client is gone meanwhile.
        }
    }

    // The combined format of Apache's log, then host, who answered, and how long it took.
    private string Line(HttpContext context, Replica? asked, TimeSpan took)
    {
        var request = context.Request;
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "-";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{context.Connection.RemoteIpAddress} - - [{time.GetUtcNow():dd/MMM/yyyy:HH:mm:ss} +0000] \"{Plain(request.Method)} {Plain(target)} {request.Protocol}\" {context.Response.StatusCode} {context.Response.ContentLength?.ToString(CultureInfo.InvariantCulture) ?? "-"} \"{Plain(request.Headers.Referer)}\" \"{Plain(request.Headers.UserAgent)}\" {Plain(request.Host.Value)} {asked?.Address.ToString() ?? "-"} {took.TotalMilliseconds:0}ms");
    }

    // What a client sends stands in a line of its own only as far as a line can hold it.
    private static string Plain(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "-";
        var plain = new StringBuilder();
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, LongestLogged)))
        {
            if (c is '"' or '\\')
                plain.Append('\\').Append(c);
            else if (char.IsControl(c) || c > '~')
                plain.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                plain.Append(c);
        }

        return plain.ToString();
    }
}
