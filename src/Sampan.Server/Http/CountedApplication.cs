using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Sampan.Server.Http;

/// <summary>What answers requests, and counts them so that its host can see whether something goes on.</summary>
internal abstract class CountedApplication : IHttpApplication<HttpContext>
{
    private long _activity;

    /// <summary>How many requests have begun and ended.</summary>
    internal long Activity => Interlocked.Read(ref _activity);

    /// <inheritdoc/>
    public HttpContext CreateContext(IFeatureCollection contextFeatures)
    {
        Interlocked.Increment(ref _activity);
        return new DefaultHttpContext(contextFeatures);
    }

    /// <inheritdoc/>
    public void DisposeContext(HttpContext context, Exception? exception) => Interlocked.Increment(ref _activity);

    /// <inheritdoc/>
    public abstract Task ProcessRequestAsync(HttpContext context);
}
