using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sampan.Storage.Registry;

namespace Sampan.Server.Registry;

/// <summary>Blobs: whether they are there, their bytes or a part of them, and taking them away.</summary>
internal static class BlobEndpoints
{
    private const string OctetStream = "application/octet-stream";

    /// <summary><c>GET</c> and <c>HEAD /v2/NAME/blobs/DIGEST</c>.</summary>
    internal static async Task GetAsync(RegistryContent content, RegistryExchange exchange)
    {
        var (name, digest) = (exchange.Name, exchange.Digest);
        using var blob = await content.OpenBlobAsync(name, digest, exchange.IsHead, exchange.Aborted).ConfigureAwait(false)
            ?? throw new RegistryRefusalException(RefusalCode.BlobUnknown, $"repository '{name}' has no blob '{digest}'");
        var answer = exchange.Answer;
        answer[RegistryExchange.DigestHeader] = digest.ToString();
        answer.AcceptRanges = "bytes";
        answer.ETag = $"\"{digest}\"";
        // What stands under a digest never changes.
        answer.CacheControl = "max-age=31536000, immutable";
        if (exchange.Sent.IfNoneMatch.Contains(answer.ETag.ToString(), StringComparer.Ordinal))
        {
            exchange.SetStatus(StatusCodes.Status304NotModified, OctetStream, null);
            return;
        }
        var range = blob.Length is { } length && (exchange.Sent.IfRange.Count == 0 || exchange.Sent.IfRange == answer.ETag)
            ? ByteRange.Parse(exchange.Sent.Range, length)
            : ByteRange.Whole(blob.Length ?? 0);
        if (range is null)
        {
            answer.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{blob.Length}");
            throw new RegistryRefusalException(RefusalCode.RangeInvalid, $"blob '{digest}' has {blob.Length} bytes: '{exchange.Sent.Range}' is none of them");
        }
        if (range.IsPart)
            answer.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {range.First}-{range.First + range.Length - 1}/{blob.Length}");
        var bytes = blob.Length is null ? null : (long?)range.Length;
        exchange.SetStatus(range.IsPart ? StatusCodes.Status206PartialContent : StatusCodes.Status200OK, OctetStream, bytes);
        if (!exchange.IsHead)
            await exchange.CopyAsync(blob, range.First, bytes).ConfigureAwait(false);
    }

    /// <summary><c>DELETE /v2/NAME/blobs/DIGEST</c>.</summary>
    internal static Task DeleteAsync(RegistryContent content, RegistryExchange exchange)
    {
        content.RequireDeletes(exchange.Name);
        if (!content.Store.DeleteBlob(exchange.Name, exchange.Digest))
            throw new RegistryRefusalException(RefusalCode.BlobUnknown, $"repository '{exchange.Name}' has no blob '{exchange.Digest}'");
        exchange.End(StatusCodes.Status202Accepted);
        return Task.CompletedTask;
    }
}
