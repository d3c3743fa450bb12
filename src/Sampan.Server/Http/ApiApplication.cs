using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sampan.DockerApi;
using Sampan.Engine;
using Sampan.Server.Authorization;
using Sampan.Server.Docker;

namespace Sampan.Server.Http;

/// <summary>Takes each request to its handler and each failure to its answer. No exception leaves it.</summary>
internal sealed partial class ApiApplication(RouteTable routes, AuthorizationPlugins? plugins, TimeProvider time, ILogger log) : CountedApplication
{
    /// <inheritdoc/>
    public override async Task ProcessRequestAsync(HttpContext context)
    {
        var begun = time.GetTimestamp();
        Exchange? exchange = null;
        try
        {
            var path = RequestPath.Parse(context.Request.Path.Value ?? "/");
            var route = routes.Find(context.Request.Method, path.Segments, out var values)
                ?? throw new EngineException(ErrorKind.NotFound, "page not found");
            foreach (var (name, value) in ApiHeaders.All)
                context.Response.Headers[name] = value;
            path.RequireKnownVersion();
            ExactQuery.Use(context, parameter => ApiVersionShims.Knows(path.Version, route, parameter));
            exchange = new Exchange(context, path.Version, values);
            if (plugins is not null)
                await exchange.AuthorizeAsync(plugins, path, route).ConfigureAwait(false);
            await route.Handler(exchange).ConfigureAwait(false);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            Log.ClientGone(log, context.Request.Method, context.Request.Path.Value);
        }
        catch (Exception failure)
        {
            await AnswerAsync(context, exchange, failure).ConfigureAwait(false);
        }

        if (log.IsEnabled(LogLevel.Debug))
            Log.Answered(log, context.Request.Method, context.Request.Path.Value, context.Response.StatusCode, time.GetElapsedTime(begun).TotalMilliseconds);
    }

    private async Task AnswerAsync(HttpContext context, Exchange? exchange, Exception failure)
    {
        var (status, message, known) = ErrorMapping.Describe(failure);
        if (!known)
            Log.Unexpected(log, failure, context.Request.Method, context.Request.Path.Value, message);
        if (exchange is { Hijacked: true })
            return;
        if (context.Response.HasStarted)
        {
            // Too late for a status: an answer that breaks off is better than one that looks complete.
            Log.BrokenOff(log, context.Request.Method, context.Request.Path.Value, message);
            context.Abort();
            return;
        }

        exchange ??= new Exchange(context, ApiVersion.Newest, default);
        try
        {
            await exchange.WriteJsonAsync(status, new ErrorResponse { Message = message }, DockerApiJson.Wire.ErrorResponse).ConfigureAwait(false);
        }
        catch (EngineException denied) when (!context.Response.HasStarted)
        {
            // A plugin does not let the failure be told: that is what is told, and it is not asked again.
            var (code, why, _) = ErrorMapping.Describe(denied);
            await exchange.WriteJsonAsync(code, new ErrorResponse { Message = why }, DockerApiJson.Wire.ErrorResponse).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or InvalidOperationException)
        {
            Log.ClientGone(log, context.Request.Method, context.Request.Path.Value);
        }
    }
}
