using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;

namespace Sampan.Storage.Distribution;

/// <summary>The one place where what went wrong with a registry becomes a <see cref="RegistryException"/>.</summary>
internal static class RegistryFailures
{
    private const int MaxBodyBytes = 64 * 1024;
    private const int MaxReasonLength = 500;

    /// <summary>Reads a refusal.</summary>
    /// <param name="answer">The answer, not a success.</param>
    /// <param name="host">Who gave it.</param>
    /// <param name="guard">How long it may take.</param>
    /// <param name="now">For <c>Retry-After</c> as a date.</param>
    internal static async Task<RegistryException> ReadAsync(HttpResponseMessage answer, string host, StallGuard guard, DateTimeOffset now)
    {
        var status = (int)answer.StatusCode;
        var (code, reason) = await ReasonAsync(answer, guard);
        var kind = answer.StatusCode switch
        {
            HttpStatusCode.Unauthorized => StorageError.Unauthorized,
            HttpStatusCode.Forbidden => StorageError.Forbidden,
            HttpStatusCode.NotFound => StorageError.NotFound,
            HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout => StorageError.Unavailable,
            _ when code is "DENIED" => StorageError.Forbidden,
            _ when status >= 500 => StorageError.Unavailable,
            _ => StorageError.InvalidInput,
        };
        var word = code is null ? $"{status} {answer.ReasonPhrase}".TrimEnd() : code.ToLowerInvariant().Replace('_', ' ');
        if (status == 429)
            word = "toomanyrequests";
        return new RegistryException(kind, $"registry '{host}' refused: {word}{(reason is null ? "" : $": {reason}")}")
        {
            Status = status,
            Code = code,
            // 501 and 505 will not change by waiting.
            IsTransient = status is 408 or 429 or 500 or 502 or 503 or 504,
            RetryAfter = RetryAfter(answer.Headers.RetryAfter, now),
        };
    }

    /// <summary>True for what is thrown when a connection fails; a time-out of making one comes as a cancellation.</summary>
    internal static bool IsOfNetwork(Exception failure) => failure is HttpRequestException or IOException or OperationCanceledException { InnerException: TimeoutException };

    /// <summary>What a request that got no answer means.</summary>
    internal static RegistryException From(Exception failure, string host)
    {
        var socket = Find<SocketException>(failure);
        if (Find<AuthenticationException>(failure) is { } tls)
        {
            return new RegistryException(StorageError.Unavailable, $"cannot make a TLS connection to registry '{host}': {Why(tls)}: put its authority's certificate into '/etc/sampan/certs.d/{host}/ca.crt', or name it in 'insecure-registries'", failure)
            {
                IsUnreachable = true,
            };
        }
        if (failure is OperationCanceledException)
            return new RegistryException(StorageError.Unavailable, $"cannot reach registry '{host}': it does not answer", failure) { IsUnreachable = true, IsTransient = true };
        if (failure is HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError })
        {
            return new RegistryException(StorageError.Unavailable, $"cannot reach registry '{host}': {(socket is null ? Why(failure) : Why(socket))}", failure) { IsUnreachable = true, IsTransient = true };
        }
        return new RegistryException(StorageError.Unavailable, $"lost the connection to registry '{host}': {Why(failure)}", failure) { IsTransient = true };
    }

    /// <summary>What it means that nothing came for too long.</summary>
    internal static RegistryException Stalled(string host, TimeSpan patience) =>
        new(StorageError.Unavailable, $"registry '{host}' sent and took nothing for {patience.TotalSeconds:0.#} s") { IsTransient = true };

    private static string Why(Exception failure)
    {
        var inner = failure;
        while (inner.InnerException is { } next && inner is not SocketException)
            inner = next;
        var text = inner.Message.TrimEnd('.');
        return text.Length == 0 ? "no reason given" : char.ToLowerInvariant(text[0]) + text[1..];
    }

    private static T? Find<T>(Exception? failure)
        where T : Exception
    {
        for (var at = failure; at is not null; at = at.InnerException)
        {
            if (at is T found)
                return found;
        }
        return null;
    }

    private static async Task<(string? Code, string? Reason)> ReasonAsync(HttpResponseMessage answer, StallGuard guard)
    {
        try
        {
            var body = await ReadUpToAsync(answer, MaxBodyBytes, guard);
            // Proxies answer pages of HTML: nobody wants to read those.
            if (body.Length == 0 || answer.Content.Headers.ContentType?.MediaType?.Contains("json", StringComparison.OrdinalIgnoreCase) != true && body[0] != '{')
                return (null, null);
            var errors = JsonSerializer.Deserialize(body, DistributionJson.Default.RegistryErrors);
            var first = errors?.Errors?.FirstOrDefault(line => line is not null);
            return (first?.Code is { Length: > 0 and < 64 } code ? code : null, Clean(first?.Message ?? errors?.Details ?? errors?.Description));
        }
        catch (Exception broken) when (broken is JsonException or IOException or HttpRequestException || (broken is OperationCanceledException && guard.Stalled))
        {
            // The status alone has to tell.
            return (null, null);
        }
    }

    private static async Task<byte[]> ReadUpToAsync(HttpResponseMessage answer, int limit, StallGuard guard)
    {
        await using var stream = await answer.Content.ReadAsStreamAsync(guard.Token);
        var buffer = new byte[limit];
        var length = await stream.ReadAtLeastAsync(buffer, limit, throwOnEndOfStream: false, guard.Token);
        return buffer[..length];
    }

    // What a registry says goes to terminals and logs.
    private static string? Clean(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        var clean = new StringBuilder();
        foreach (var c in text.Trim().TrimEnd('.').Take(MaxReasonLength))
            clean.Append(char.IsControl(c) ? ' ' : c);
        return clean.ToString();
    }

    private static TimeSpan? RetryAfter(RetryConditionHeaderValue? header, DateTimeOffset now)
    {
        var delay = header?.Delta ?? (header?.Date is { } date ? date - now : null);
        return delay is { } wait && wait > TimeSpan.Zero ? wait : null;
    }
}
