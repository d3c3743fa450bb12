using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;

namespace Sampan.Storage.Distribution;

/// <summary>
/// Requests to one endpoint on behalf of one user: tokens are fetched when they are asked for, redirects are followed with nothing of the
/// user's in them once they leave the host. Thread-safe.
/// </summary>
internal sealed class RegistrySession(RegistryConnections connections, RegistryEndpoint endpoint, RegistryCredentials? credentials, RegistryOptions options, TimeProvider time)
{
    private static readonly TimeSpan s_tokenMargin = TimeSpan.FromSeconds(10);

    private readonly TokenServer _tokens = new(connections, options, time);
    private readonly ConcurrentDictionary<string, (AuthenticationHeaderValue Value, long Since, TimeSpan Life)> _authorizations = new();
    private readonly SemaphoreSlim _asking = new(1, 1);

    internal RegistryEndpoint Endpoint => endpoint;

    internal RegistryOptions Options => options;

    /// <summary>A refresh token that a login with <see cref="PingAsync"/> brought, or null.</summary>
    internal string? IdentityToken { get; private set; }

    /// <summary>A guard for one exchange.</summary>
    internal StallGuard Guard(CancellationToken ct) => new(options.StallTimeout, time, ct);

    /// <summary>Asks whether this is a registry and the credentials are right.</summary>
    /// <exception cref="RegistryException">Unauthorized: they are not; others: it is none.</exception>
    internal async Task PingAsync(CancellationToken ct)
    {
        using var guard = Guard(ct);
        using var answer = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, new Uri(endpoint.Base, "v2/")), [], guard, offline: true);
        if (!answer.IsSuccessStatusCode)
            throw await RefusalAsync(answer, guard);
    }

    /// <summary>Finds out whether anybody answers here; what does not matter.</summary>
    /// <exception cref="RegistryException">Nobody does.</exception>
    internal async Task PingAnonymouslyAsync(CancellationToken ct)
    {
        using var guard = Guard(ct);
        try
        {
            using var answer = (await FollowAsync(() => new HttpRequestMessage(HttpMethod.Get, new Uri(endpoint.Base, "v2/")), null, guard)).Answer;
        }
        catch (OperationCanceledException) when (guard.Stalled)
        {
            throw RegistryFailures.Stalled(endpoint.Host, options.StallTimeout);
        }
        catch (Exception lost) when (RegistryFailures.IsOfNetwork(lost))
        {
            throw RegistryFailures.From(lost, endpoint.Host);
        }
    }

    /// <summary>Sends a request and returns the answer's head, whatever its status; the caller disposes it.</summary>
    /// <param name="make">Makes the request; called again for each try.</param>
    /// <param name="scopes">What a token for it must allow.</param>
    /// <param name="guard">How long it may take.</param>
    /// <param name="offline">True for a login.</param>
    /// <exception cref="RegistryException">There is no answer, or no way to authenticate.</exception>
    internal async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> make, IReadOnlyList<string> scopes, StallGuard guard, bool offline = false)
    {
        var key = string.Join(' ', scopes);
        try
        {
            var used = Authorization(key);
            var (answer, own) = await FollowAsync(make, used, guard);
            if (answer.StatusCode != HttpStatusCode.Unauthorized || !own)
                return answer;
            var challenges = AuthChallenge.Parse(answer.Headers.NonValidated.TryGetValues("WWW-Authenticate", out var headers) ? headers : []);
            if (await AuthenticateAsync(key, used, challenges, scopes, offline, guard) is not { } fresh)
                return answer;
            answer.Dispose();
            return (await FollowAsync(make, fresh, guard)).Answer;
        }
        catch (OperationCanceledException) when (guard.Stalled)
        {
            throw RegistryFailures.Stalled(endpoint.Host, options.StallTimeout);
        }
        catch (Exception lost) when (RegistryFailures.IsOfNetwork(lost))
        {
            throw RegistryFailures.From(lost, endpoint.Host);
        }
    }

    internal Task<RegistryException> RefusalAsync(HttpResponseMessage answer, StallGuard guard) => RegistryFailures.ReadAsync(answer, endpoint.Host, guard, time.GetUtcNow());

    /// <summary>Reads a body that must not be longer than <paramref name="limit"/>.</summary>
    internal static async Task<byte[]> ReadAsync(HttpResponseMessage answer, int limit, string host, StallGuard guard)
    {
        if (answer.Content.Headers.ContentLength > limit)
            throw TooLarge(host, limit);
        await using var stream = await answer.Content.ReadAsStreamAsync(guard.Token);
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int read; (read = await stream.ReadAsync(buffer, guard.Token)) > 0;)
        {
            guard.Touch();
            if (body.Length + read > limit)
                throw TooLarge(host, limit);
            body.Write(buffer, 0, read);
        }
        return body.ToArray();
    }

    private static RegistryException TooLarge(string host, int limit) =>
        new(StorageError.InvalidInput, $"registry '{host}' answered with a document of more than {limit} bytes: refused");

    private AuthenticationHeaderValue? Authorization(string key)
    {
        if (credentials?.RegistryToken is { Length: > 0 } token)
            return new AuthenticationHeaderValue("Bearer", token);
        return _authorizations.TryGetValue(key, out var known) && time.GetElapsedTime(known.Since) < known.Life ? known.Value : null;
    }

    // Returns null if there is nothing better to show than what was refused.
    private async Task<AuthenticationHeaderValue?> AuthenticateAsync(string key, AuthenticationHeaderValue? refused, IReadOnlyList<AuthChallenge> challenges, IReadOnlyList<string> scopes, bool offline, StallGuard guard)
    {
        // Several layers at a time need one token.
        await _asking.WaitAsync(guard.Token);
        try
        {
            if (credentials?.RegistryToken is { Length: > 0 })
                return null;
            if (Authorization(key) is { } others && !Equals(others, refused))
                return others;
            if (challenges.FirstOrDefault(challenge => challenge.Scheme == "bearer") is { } bearer)
            {
                var wanted = bearer["scope"] is { Length: > 0 } asked && !scopes.Contains(asked) && scopes.Count == 0 ? [asked] : scopes;
                var answer = await _tokens.FetchAsync(bearer, endpoint, wanted, credentials, offline, guard.Token);
                guard.Touch();
                IdentityToken = answer.RefreshToken ?? IdentityToken;
                var value = new AuthenticationHeaderValue("Bearer", answer.Token is { Length: > 0 } ? answer.Token : answer.AccessToken);
                var life = TimeSpan.FromSeconds(Math.Clamp(answer.ExpiresIn ?? 60, 60, 24 * 3600)) - s_tokenMargin;
                _authorizations[key] = (value, time.GetTimestamp(), life);
                return value;
            }
            if (challenges.Any(challenge => challenge.Scheme == "basic") && credentials is { Username.Length: > 0 } && refused is null)
            {
                var value = TokenServer.Basic(credentials);
                _authorizations[key] = (value, time.GetTimestamp(), TimeSpan.MaxValue);
                return value;
            }
            return null;
        }
        finally
        {
            _asking.Release();
        }
    }

    // The second value tells whether the answer is the registry's own.
    private async Task<(HttpResponseMessage Answer, bool Own)> FollowAsync(Func<HttpRequestMessage> make, AuthenticationHeaderValue? authorization, StallGuard guard)
    {
        using var request = make();
        var target = request.RequestUri ?? throw new InvalidOperationException("a request without a target");
        var range = request.Headers.Range;
        var answer = await SendOneAsync(request, target, authorization, guard);
        for (var hops = 1; IsRedirect(answer) && request.Method.Method is "GET" or "HEAD"; hops++)
        {
            var next = Next(target, answer.Headers.Location);
            answer.Dispose();
            if (hops > options.MaxRedirects)
                throw new RegistryException(StorageError.Corrupt, $"registry '{endpoint.Host}' redirects more than {options.MaxRedirects} times: refused");
            target = next;
            using var redirected = new HttpRequestMessage(request.Method, target);
            redirected.Headers.Range = range;
            if (IsOwn(target))
            {
                foreach (var accept in request.Headers.Accept)
                    redirected.Headers.Accept.Add(accept);
            }
            answer = await SendOneAsync(redirected, target, authorization, guard);
        }
        if (!IsRedirect(answer))
            return (answer, IsOwn(target));
        answer.Dispose();
        throw new RegistryException(StorageError.Corrupt, $"registry '{endpoint.Host}' sends an upload elsewhere: refused");
    }

    private async Task<HttpResponseMessage> SendOneAsync(HttpRequestMessage request, Uri target, AuthenticationHeaderValue? authorization, StallGuard guard)
    {
        // Credentials belong to one scheme, host and port (CVE-2020-15157).
        var own = IsOwn(target);
        request.Headers.Authorization = own ? authorization : null;
        request.Headers.UserAgent.ParseAdd(options.UserAgent);
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        var pool = own ? connections.To(endpoint.Host, endpoint.SkipVerify) : connections.To(target.Authority, endpoint.SkipVerify && target.Host == endpoint.Base.Host);
        var answer = await pool.SendAsync(request, guard.Token);
        guard.Touch();
        return answer;
    }

    private bool IsOwn(Uri target) => target.Scheme == endpoint.Base.Scheme && target.Host == endpoint.Base.Host && target.Port == endpoint.Base.Port;

    private Uri Next(Uri from, Uri? location)
    {
        if (location is null || !Uri.TryCreate(from, location, out var next) || next.Scheme is not ("http" or "https"))
            throw new RegistryException(StorageError.Corrupt, $"registry '{endpoint.Host}' redirects to nowhere");
        if (next.Scheme == "http" && from.Scheme == "https" && !endpoint.SkipVerify)
            throw new RegistryException(StorageError.Corrupt, $"registry '{endpoint.Host}' redirects to '{next.Authority}' without TLS: refused");
        return next;
    }

    private static bool IsRedirect(HttpResponseMessage answer) => answer.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;
}
