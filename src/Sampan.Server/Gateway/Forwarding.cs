using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Sampan.Server.Gateway;

/// <summary>
/// Takes one request to one of a route's containers: (1) choose one (2) send (3) whoever cannot be reached is left out and another
/// asked, as long as nothing was sent, or the request may be repeated and its body has not begun (4) the answer's head (5) its body as it comes,
/// or both directions of a WebSocket.
/// </summary>
internal sealed class Forwarding(GatewayRoute route, HttpContext http, TimeSpan patience, GatewayLog log)
{
    private const int MostTries = 4;
    private const int CopyBytes = 16 * 1024;

    /// <summary>Who answered, or was asked last.</summary>
    internal Replica? Asked { get; private set; }

    /// <summary>Does it; nothing was answered if it throws before the head.</summary>
    /// <exception cref="BadHttpRequestException">Nobody answered: 502, 503 or 504; or the client's body makes no sense.</exception>
    internal async Task RunAsync()
    {
        var tried = new HashSet<Replica>();
        // It lives as long as the request: the body may still be on its way when the answer begins.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        while (true)
        {
            // (1)
            var replica = Asked = route.Choose(tried) ?? throw (tried.Count == 0
                ? new BadHttpRequestException("no container of the service is ready", StatusCodes.Status503ServiceUnavailable)
                : new BadHttpRequestException("the service cannot be reached", StatusCodes.Status502BadGateway));
            tried.Add(replica);
            if (!replica.TryBegin())
                continue;
            try
            {
                // (2), (3)
                using var request = Request(replica);
                using var response = await SendAsync(replica, request, tried.Count, limit).ConfigureAwait(false);
                if (response is null)
                    continue;

                // (4), (5)
                limit.CancelAfter(Timeout.InfiniteTimeSpan);
                await AnswerAsync(response).ConfigureAwait(false);
                return;
            }
            finally
            {
                replica.End();
            }
        }
    }

    private async Task<HttpResponseMessage?> SendAsync(Replica replica, HttpRequestMessage request, int tries, CancellationTokenSource limit)
    {
        limit.CancelAfter(patience);
        try
        {
            var response = await replica.SendAsync(request, limit.Token).ConfigureAwait(false);
            replica.Succeed();
            return response;
        }
        catch (Exception failure) when (failure is HttpRequestException or ObjectDisposedException or IOException)
        {
            var body = request.Content as RequestBody;
            if (body?.Failure is { } client)
                throw new BadHttpRequestException("the body broke off", client is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status400BadRequest, client);
            var unsent = failure is ObjectDisposedException or HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError };
            if (!replica.IsRetired)
            {
                replica.Fail();
                log.NotReached(route.Service, replica.Address.ToString(), failure.Message);
            }

            if (tries < MostTries && body is not { HasBegun: true } && (unsent || IsRepeatable))
                return null;
            throw new BadHttpRequestException("the service broke off, or cannot be reached", StatusCodes.Status502BadGateway, failure);
        }
        catch (OperationCanceledException late) when (!http.RequestAborted.IsCancellationRequested)
        {
            throw new BadHttpRequestException($"the service did not answer within {patience.TotalSeconds} seconds", StatusCodes.Status504GatewayTimeout, late);
        }
    }

    private bool IsRepeatable => HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) || HttpMethods.IsOptions(http.Request.Method) || HttpMethods.IsPut(http.Request.Method) || HttpMethods.IsDelete(http.Request.Method);

    private HttpRequestMessage Request(Replica replica)
    {
        var path = http.Request.Path.Value ?? "/";
        if (route.Rule.Strip && route.Path.Length > 0)
            path = path.Length == route.Path.Length ? "/" : path[route.Path.Length..];
        // As it was found a route by, not as it was sent: both sides mean the same path.
        var target = string.Create(CultureInfo.InvariantCulture, $"http://{replica.Address}{new PathString(path).ToUriComponent()}{http.Request.QueryString.Value}");
        var isWebSocket = GatewayHeaders.IsWebSocket(http.Request);
        var request = new HttpRequestMessage(HttpMethod.Parse(http.Request.Method), new Uri(target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }))
        {
            Version = System.Net.HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            // What must not be repeated has a body, if an empty one: .NET's client would send it again on a new connection.
            Content = !isWebSocket && (!IsRepeatable || http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true }) ? new RequestBody(http) : null,
        };
        GatewayHeaders.Copy(http.Request, request, route.Rule.Strip ? route.Path : null);
        if (isWebSocket)
        {
            request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
            request.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        }

        return request;
    }

    private async Task AnswerAsync(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        http.Response.StatusCode = status;
        GatewayHeaders.Copy(response, http.Response);
        if (status == StatusCodes.Status101SwitchingProtocols)
        {
            await SwitchAsync(response).ConfigureAwait(false);
            return;
        }

        // What answers to HEAD, 204 and 304 say of a length is about another answer.
        if (HttpMethods.IsHead(http.Request.Method) || status is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified)
            return;
        await http.Response.StartAsync(http.RequestAborted).ConfigureAwait(false);
        await using var body = await response.Content.ReadAsStreamAsync(http.RequestAborted).ConfigureAwait(false);
        var writer = http.Response.BodyWriter;
        while (true)
        {
            var count = await body.ReadAsync(writer.GetMemory(CopyBytes), http.RequestAborted).ConfigureAwait(false);
            if (count == 0)
                return;
            writer.Advance(count);
            if ((await writer.FlushAsync(http.RequestAborted).ConfigureAwait(false)).IsCompleted)
                return; // the client wants no more
        }
    }

    private async Task SwitchAsync(HttpResponseMessage response)
    {
        if (!GatewayHeaders.IsWebSocket(http.Request) || http.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
            throw new BadHttpRequestException("the service switched protocols unasked", StatusCodes.Status502BadGateway);
        http.Features.Get<IHttpMinRequestBodyDataRateFeature>()?.MinDataRate = null;
        await using var service = await response.Content.ReadAsStreamAsync(http.RequestAborted).ConfigureAwait(false);
        await using var client = await upgrade.UpgradeAsync().ConfigureAwait(false);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        var up = PumpAsync(client, service, ending.Token);
        var down = PumpAsync(service, client, ending.Token);
        await Task.WhenAny(up, down).ConfigureAwait(false);
        // One side has said its last word: the other's answer to it, a close frame, went before.
        await ending.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(up, down).ConfigureAwait(false);
    }

    private static async Task PumpAsync(Stream from, Stream to, CancellationToken ct)
    {
        var buffer = new byte[CopyBytes];
        try
        {
            for (int count; (count = await from.ReadAsync(buffer, ct).ConfigureAwait(false)) > 0;)
            {
                await to.WriteAsync(buffer.AsMemory(0, count), ct).ConfigureAwait(false);
                await to.FlushAsync(ct).ConfigureAwait(false);
            }
        }
        catch (Exception ended) when (ended is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Either side is gone; the other is told by the end.
        }
    }
}
