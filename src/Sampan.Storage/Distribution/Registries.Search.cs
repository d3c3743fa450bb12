using System.Globalization;
using System.Text.Json;

namespace Sampan.Storage.Distribution;

/// <summary>Searching an index: the one thing that is left of the first version of Docker's registry protocol.</summary>
public sealed partial class Registries
{
    private const int MaxSearchBytes = 4 * 1024 * 1024;

    /// <summary>Searches.</summary>
    /// <param name="domain">The registry whose index it is.</param>
    /// <param name="term">The word.</param>
    /// <param name="limit">How many results, 1 to 100.</param>
    /// <param name="credentials">The user's, or null.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="RegistryException">There is no index, or it fails.</exception>
    public async Task<IReadOnlyList<SearchResult>> SearchAsync(string domain, string term, int limit, RegistryCredentials? credentials, CancellationToken ct)
    {
        var endpoints = domain == Options.Default.Domain
            ? [new RegistryEndpoint { Base = Options.Default.Index, Host = Options.Default.Index.Authority, Repository = "" }]
            : await _endpoints.OriginAsync(domain, "", ct);
        return await FirstAsync(endpoints, credentials, async session =>
        {
            using var guard = session.Guard(ct);
            var uri = new Uri(session.Endpoint.Base, string.Create(CultureInfo.InvariantCulture, $"v1/search?q={Uri.EscapeDataString(term)}&n={limit}"));
            using var answer = await session.SendAsync(() => new HttpRequestMessage(HttpMethod.Get, uri), [], guard);
            if (!answer.IsSuccessStatusCode)
                throw await session.RefusalAsync(answer, guard);
            try
            {
                var found = JsonSerializer.Deserialize(await RegistrySession.ReadAsync(answer, MaxSearchBytes, session.Endpoint.Host, guard), DistributionJson.Default.SearchAnswer);
                return (IReadOnlyList<SearchResult>)[.. found?.Results?.OfType<SearchResult>() ?? []];
            }
            catch (JsonException broken)
            {
                throw new RegistryException(StorageError.Corrupt, $"'{session.Endpoint.Host}' answered no JSON to a search: it has no index", broken);
            }
        });
    }
}
