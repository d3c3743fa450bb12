using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Sampan.Storage.Registry;

namespace Sampan.Server.Registry;

/// <summary>One request and its answer, as the registry's handlers see them.</summary>
internal sealed class RegistryExchange(HttpContext http, RegistryPath path, string? user)
{
    internal const string DigestHeader = "Docker-Content-Digest";

    private const int CopyBytes = 128 * 1024;

    private readonly RepositoryName? _name = RepositoryName.TryParse(path.Name, out var name) ? name : null;

    internal string Method => http.Request.Method;

    internal RegistryPath Path => path;

    /// <summary>Who asks; null: there are no users.</summary>
    internal string? User => user;

    internal CancellationToken Aborted => http.RequestAborted;

    internal IHeaderDictionary Sent => http.Request.Headers;

    internal IHeaderDictionary Answer => http.Response.Headers;

    internal bool IsHead => HttpMethods.IsHead(http.Request.Method);

    /// <summary>The repository.</summary>
    /// <exception cref="RegistryRefusalException">NameInvalid.</exception>
    internal RepositoryName Name => _name ?? throw new RegistryRefusalException(RefusalCode.NameInvalid, $"invalid repository name '{path.Name}': want lower-case letters and digits, parts divided by '/', and '.', '_', '__' or '-' inside of a part");

    /// <summary>The digest in the path.</summary>
    /// <exception cref="RegistryRefusalException">DigestInvalid.</exception>
    internal ContentDigest Digest => ParseDigest(path.Reference);

    internal long? SentLength => http.Request.ContentLength;

    internal static ContentDigest ParseDigest(string text) => ContentDigest.TryParse(text, out var digest)
        ? digest
        : throw new RegistryRefusalException(RefusalCode.DigestInvalid, $"invalid digest '{text}': want sha256: or sha512: and its lower-case hexadecimal digits");

    /// <summary>A query parameter; null: absent or empty.</summary>
    internal string? Query(string name) => http.Request.Query[name] is { Count: > 0 } values && !string.IsNullOrEmpty(values[0]) ? values[0] : null;

    /// <summary>Every value of a query parameter.</summary>
    internal IReadOnlyList<string> QueryAll(string name) => [.. http.Request.Query[name].Select(value => value ?? "")];

    /// <summary>Answers with a status and no body.</summary>
    internal void End(int status)
    {
        http.Response.StatusCode = status;
        if (status != StatusCodes.Status204NoContent && !IsHead)
            http.Response.ContentLength = 0;
    }

    /// <summary>Answers with bytes.</summary>
    internal async Task WriteAsync(int status, string mediaType, ReadOnlyMemory<byte> body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = mediaType;
        http.Response.ContentLength = body.Length;
        if (!IsHead)
            await http.Response.Body.WriteAsync(body, Aborted).ConfigureAwait(false);
    }

    /// <summary>Answers with JSON.</summary>
    internal Task WriteJsonAsync<T>(int status, T value, JsonTypeInfo<T> type) => WriteAsync(status, "application/json", JsonSerializer.SerializeToUtf8Bytes(value, type));

    /// <summary>Answers with a part of a blob, as fast as the client takes it.</summary>
    /// <param name="content">The blob.</param>
    /// <param name="offset">The first byte.</param>
    /// <param name="length">How many; null: all that there are.</param>
    internal async Task CopyAsync(IBlobContent content, long offset, long? length)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(CopyBytes);
        try
        {
            var end = length is { } count ? offset + count : long.MaxValue;
            while (offset < end)
            {
                var read = await content.ReadAsync(offset, buffer.AsMemory(0, (int)Math.Min(buffer.Length, end - offset)), Aborted).ConfigureAwait(false);
                if (read == 0)
                    break;
                await http.Response.Body.WriteAsync(buffer.AsMemory(0, read), Aborted).ConfigureAwait(false);
                offset += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    internal void SetStatus(int status, string mediaType, long? length)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = mediaType;
        http.Response.ContentLength = length;
    }

    /// <summary>Reads the body into an upload.</summary>
    /// <param name="upload">It was entered.</param>
    /// <param name="limit">No more than so many bytes.</param>
    /// <returns>False: there are more.</returns>
    internal async Task<bool> ReadIntoAsync(UploadSession upload, long limit)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(CopyBytes);
        try
        {
            long total = 0;
            for (int read; (read = await http.Request.Body.ReadAsync(buffer, Aborted).ConfigureAwait(false)) > 0; total += read)
            {
                if (read > limit - total)
                    return false;
                upload.Append(buffer.AsSpan(0, read));
            }
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads the body.</summary>
    /// <param name="limit">No more than so many bytes.</param>
    /// <returns>Null: there are more.</returns>
    internal async Task<byte[]?> ReadAsync(int limit)
    {
        if (http.Request.ContentLength > limit)
            return null;
        using var body = new MemoryStream((int)(http.Request.ContentLength ?? 0));
        var buffer = ArrayPool<byte>.Shared.Rent(CopyBytes);
        try
        {
            for (int read; (read = await http.Request.Body.ReadAsync(buffer, Aborted).ConfigureAwait(false)) > 0;)
            {
                if (body.Length + read > limit)
                    return null;
                body.Write(buffer, 0, read);
            }
            return body.ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The parameter <c>n</c>: how many of a list; null: not given.</summary>
    /// <exception cref="RegistryRefusalException">ParameterInvalid: it is no number.</exception>
    internal int? Count()
    {
        if (Query("n") is not { } text)
            return null;
        // As many as are asked for, up to what one answer has.
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? (int)Math.Min(count, ListEndpoints.PageMax)
            : throw new RegistryRefusalException(RefusalCode.ParameterInvalid, $"invalid value '{text}' of parameter 'n': want a number of entries");
    }
}
