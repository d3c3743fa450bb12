using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Sampan.Server.Gateway;

/// <summary>A client's body on its way to a service, as it comes.</summary>
internal sealed class RequestBody : HttpContent
{
    private readonly HttpContext _http;
    private readonly long? _length;

    internal RequestBody(HttpContext http)
    {
        _http = http;
        // None at all is an empty one; one of unknown length goes in chunks.
        _length = http.Request.ContentLength ?? (http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true } ? null : 0);
        Headers.ContentLength = _length;
    }

    /// <summary>Some of it may be gone: it cannot be sent again.</summary>
    internal bool HasBegun { get; private set; }

    /// <summary>The client broke off, or sent what is no body.</summary>
    internal Exception? Failure { get; private set; }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        HasBegun = true;
        var reader = _http.Request.BodyReader;
        while (true)
        {
            System.IO.Pipelines.ReadResult read;
            try
            {
                read = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is IOException or BadHttpRequestException)
            {
                Failure = failure;
                throw;
            }

            foreach (var part in read.Buffer)
                await stream.WriteAsync(part, cancellationToken).ConfigureAwait(false);
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return;
        }
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = _length ?? 0;
        return _length is not null;
    }
}
