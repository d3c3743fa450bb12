using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Sampan.Storage.Distribution;

/// <summary>
/// Fetches bearer tokens (<see href="https://distribution.github.io/distribution/spec/auth/token/">token authentication</see> and its
/// OAuth 2 form for refresh tokens).
/// </summary>
internal sealed class TokenServer(RegistryConnections connections, RegistryOptions options, TimeProvider time)
{
    private const int MaxAnswerBytes = 1024 * 1024;
    private const string ClientId = "sampan";

    /// <summary>Fetches a token.</summary>
    /// <param name="challenge">What the registry wants.</param>
    /// <param name="endpoint">The registry.</param>
    /// <param name="scopes">What the token shall allow.</param>
    /// <param name="credentials">The user's, or null for a token for everybody.</param>
    /// <param name="offline">True to ask for a refresh token, too: a login.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="RegistryException">Unauthorized: the credentials are wrong; others: the server is no token server.</exception>
    internal async Task<TokenAnswer> FetchAsync(AuthChallenge challenge, RegistryEndpoint endpoint, IReadOnlyList<string> scopes, RegistryCredentials? credentials, bool offline, CancellationToken ct)
    {
        var realm = Realm(challenge, endpoint);
        using var guard = new StallGuard(options.StallTimeout, time, ct);
        try
        {
            if (credentials?.IdentityToken is { Length: > 0 } refresh)
                return await ReadAsync(realm, await SendAsync(realm, endpoint, () => Refresh(realm, challenge, scopes, refresh), guard), guard);
            return await ReadAsync(realm, await SendAsync(realm, endpoint, () => Plain(realm, challenge, scopes, credentials, offline), guard), guard);
        }
        catch (OperationCanceledException) when (guard.Stalled)
        {
            throw RegistryFailures.Stalled(realm.Authority, options.StallTimeout);
        }
        catch (Exception lost) when (RegistryFailures.IsOfNetwork(lost))
        {
            throw RegistryFailures.From(lost, realm.Authority);
        }
    }

    private static Uri Realm(AuthChallenge challenge, RegistryEndpoint endpoint)
    {
        if (!Uri.TryCreate(challenge["realm"], UriKind.Absolute, out var realm) || realm.Scheme is not ("http" or "https") || realm.UserInfo.Length > 0)
            throw new RegistryException(StorageError.Corrupt, $"registry '{endpoint.Host}' names no token server: its realm is '{challenge["realm"]}'");
        // Credentials that were asked for under TLS must not travel without.
        if (realm.Scheme == "http" && endpoint.Base.Scheme == "https" && !realm.IsLoopback)
            throw new RegistryException(StorageError.Corrupt, $"registry '{endpoint.Host}' names the token server '{realm.Authority}' without TLS: refused");
        return realm;
    }

    private static HttpRequestMessage Plain(Uri realm, AuthChallenge challenge, IReadOnlyList<string> scopes, RegistryCredentials? credentials, bool offline)
    {
        var query = new StringBuilder(realm.Query.TrimStart('?'));
        void Add(string name, string value) => query.Append(query.Length == 0 ? "" : "&").Append(name).Append('=').Append(Uri.EscapeDataString(value));
        if (challenge["service"] is { Length: > 0 } service)
            Add("service", service);
        foreach (var scope in scopes)
            Add("scope", scope);
        if (offline)
        {
            Add("offline_token", "true");
            Add("client_id", ClientId);
        }
        if (credentials?.Username is { Length: > 0 } user)
            Add("account", user);
        var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(realm) { Query = query.ToString() }.Uri);
        if (credentials is { Username.Length: > 0 })
            request.Headers.Authorization = Basic(credentials);
        return request;
    }

    private static HttpRequestMessage Refresh(Uri realm, AuthChallenge challenge, IReadOnlyList<string> scopes, string token) => new(HttpMethod.Post, realm)
    {
        Content = new FormUrlEncodedContent(
        [
            new("grant_type", "refresh_token"),
            new("client_id", ClientId),
            new("service", challenge["service"] ?? ""),
            new("scope", string.Join(' ', scopes)),
            new("refresh_token", token),
        ]),
    };

    internal static AuthenticationHeaderValue Basic(RegistryCredentials credentials) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credentials.Username}:{credentials.Password}")));

    private async Task<HttpResponseMessage> SendAsync(Uri realm, RegistryEndpoint endpoint, Func<HttpRequestMessage> make, StallGuard guard)
    {
        // What nobody needs to vouch for at the registry needs it as little at a token server on the same host.
        var skip = endpoint.SkipVerify && realm.Host == endpoint.Base.Host;
        using var request = make();
        request.Headers.UserAgent.ParseAdd(options.UserAgent);
        var answer = await connections.To(realm.Authority, skip).SendAsync(request, guard.Token);
        guard.Touch();
        if ((int)answer.StatusCode is >= 300 and < 400)
        {
            answer.Dispose();
            throw new RegistryException(StorageError.Corrupt, $"token server '{realm.Authority}' sends requests with credentials elsewhere: refused");
        }
        return answer;
    }

    private async Task<TokenAnswer> ReadAsync(Uri realm, HttpResponseMessage answer, StallGuard guard)
    {
        using (answer)
        {
            if (!answer.IsSuccessStatusCode)
            {
                var refusal = await RegistryFailures.ReadAsync(answer, realm.Authority, guard, time.GetUtcNow());
                if (answer.StatusCode is not (HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized))
                    throw refusal;
                throw new RegistryException(StorageError.Unauthorized, $"{refusal.Message}: incorrect username or password", refusal) { Status = refusal.Status, Code = refusal.Code };
            }
            var body = await RegistrySession.ReadAsync(answer, MaxAnswerBytes, realm.Authority, guard);
            try
            {
                var token = JsonSerializer.Deserialize(body, DistributionJson.Default.TokenAnswer);
                return token is { Token.Length: > 0 } or { AccessToken.Length: > 0 }
                    ? token
                    : throw new RegistryException(StorageError.Corrupt, $"token server '{realm.Authority}' answered without a token");
            }
            catch (JsonException broken)
            {
                throw new RegistryException(StorageError.Corrupt, $"token server '{realm.Authority}' answered no JSON", broken);
            }
        }
    }
}
