using Microsoft.AspNetCore.Http;
using Sampan.Server.Http;
using Sampan.Storage.Registry;

namespace Sampan.Server.Registry;

/// <summary>Takes each request to its handler and each failure to its answer. No exception leaves it.</summary>
internal sealed class RegistryApplication(RegistryContent content, RegistryUsers? users, int maxRequests, TimeProvider time) : CountedApplication
{
    private readonly RegistryLog _log = content.Tell;
    private int _running;

    /// <inheritdoc/>
    public override async Task ProcessRequestAsync(HttpContext context)
    {
        var begun = time.GetTimestamp();
        string? user = null;
        var place = Interlocked.Increment(ref _running);
        try
        {
            context.Response.Headers["Docker-Distribution-Api-Version"] = "registry/2.0";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            if (place > maxRequests)
                throw new RegistryRefusalException(RefusalCode.TooManyRequests, $"more than {maxRequests} requests at a time: try again later");
            RefuseTwoLengths(context);
            if (users is not null)
            {
                user = await users.AuthenticateAsync(context.Request.Headers.Authorization, context.RequestAborted).ConfigureAwait(false);
                if (user is null)
                {
                    await ChallengeAsync(context, users).ConfigureAwait(false);
                    return;
                }
            }
            await DispatchAsync(new RegistryExchange(context, RegistryPath.Parse(context.Request.Path.Value), user)).ConfigureAwait(false);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            _log.ClientGone(context.Request.Method, context.Request.Path.Value);
        }
        catch (Exception failure)
        {
            await AnswerAsync(context, failure).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
        if (_log.IsDetailed)
            _log.Answered(context.Request.Method, context.Request.Path.Value, context.Response.StatusCode, user, time.GetElapsedTime(begun).TotalMilliseconds);
    }

    private Task DispatchAsync(RegistryExchange exchange) => (exchange.Path.Resource, exchange.Method) switch
    {
        (RegistryResource.Base, "GET" or "HEAD") => exchange.WriteAsync(StatusCodes.Status200OK, "application/json", "{}"u8.ToArray()),
        (RegistryResource.Catalog, "GET" or "HEAD") => ListEndpoints.CatalogAsync(content, exchange),
        (RegistryResource.Tags, "GET" or "HEAD") => ListEndpoints.TagsAsync(content, exchange),
        (RegistryResource.Referrers, "GET" or "HEAD") => ListEndpoints.ReferrersAsync(content, exchange),
        (RegistryResource.Manifest, "GET" or "HEAD") => ManifestEndpoints.GetAsync(content, exchange),
        (RegistryResource.Manifest, "PUT") => ManifestEndpoints.PutAsync(content, exchange),
        (RegistryResource.Manifest, "DELETE") => ManifestEndpoints.DeleteAsync(content, exchange),
        (RegistryResource.Blob, "GET" or "HEAD") => BlobEndpoints.GetAsync(content, exchange),
        (RegistryResource.Blob, "DELETE") => BlobEndpoints.DeleteAsync(content, exchange),
        (RegistryResource.Uploads, "POST") => UploadEndpoints.BeginAsync(content, exchange),
        (RegistryResource.Upload, "PATCH") => UploadEndpoints.AppendAsync(content, exchange),
        (RegistryResource.Upload, "PUT") => UploadEndpoints.CloseAsync(content, exchange),
        (RegistryResource.Upload, "GET") => UploadEndpoints.StatusAsync(content, exchange),
        (RegistryResource.Upload, "DELETE") => UploadEndpoints.CancelAsync(content, exchange),
        (RegistryResource.None, _) => throw new RegistryRefusalException(RefusalCode.NameUnknown, "there is nothing at this path: a registry's begin with /v2/"),
        _ => throw new RegistryRefusalException(RefusalCode.Unsupported, $"'{exchange.Method}' is not possible there"),
    };

    // A body with two lengths is one length for us and perhaps another for what stands before us (request smuggling, RFC 9112 6.1).
    private static void RefuseTwoLengths(HttpContext context)
    {
        if (context.Request.Headers.TransferEncoding.Count > 0 && (context.Request.ContentLength is not null || context.Request.Headers.ContainsKey("X-Content-Length")))
        {
            context.Response.Headers.Connection = "close";
            throw new BadHttpRequestException("a request has either a Content-Length or a Transfer-Encoding");
        }
    }

    private static Task ChallengeAsync(HttpContext context, RegistryUsers users)
    {
        context.Response.Headers.WWWAuthenticate = $"Basic realm=\"{users.Realm}\", charset=\"UTF-8\"";
        return WriteAsync(context, StatusCodes.Status401Unauthorized, "UNAUTHORIZED", "authentication required");
    }

    private async Task AnswerAsync(HttpContext context, Exception failure)
    {
        var (status, code, message, known) = RegistryRefusals.Describe(failure);
        if (!known)
            _log.Failed(failure, context.Request.Method, context.Request.Path.Value);
        if (context.Response.HasStarted)
        {
            // Too late for a status: an answer that breaks off is better than one that looks complete.
            _log.BrokenOff(context.Request.Method, context.Request.Path.Value, message);
            context.Abort();
            return;
        }
        try
        {
            if (status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
                context.Response.Headers.RetryAfter = "2";
            await WriteAsync(context, status, code, message).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or InvalidOperationException)
        {
            _log.ClientGone(context.Request.Method, context.Request.Path.Value);
        }
    }

    private static Task WriteAsync(HttpContext context, int status, string code, string message)
    {
        foreach (var name in new[] { RegistryExchange.DigestHeader, "ETag", "Cache-Control", "Accept-Ranges" })
            context.Response.Headers.Remove(name);
        var body = new RegistryErrorBody { Errors = [new RegistryErrorLine { Code = code, Message = message }] };
        return new RegistryExchange(context, default, null).WriteJsonAsync(status, body, RegistryJson.Plain.RegistryErrorBody);
    }
}
