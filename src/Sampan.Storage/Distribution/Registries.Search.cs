using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Sampan.Storage.Distribution;

/// <summary>
/// Searching an index: the one thing that is left of the first version of Docker's registry protocol. A registry that has none is searched by the names
/// of its repositories.
/// </summary>
public sealed partial class Registries
{
    private const int MaxSearchBytes = 4 * 1024 * 1024;
    private const int MaxCatalogPages = 100;

    private static readonly string[] s_catalogScope = ["registry:catalog:*"];

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
            if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed && domain != Options.Default.Domain)
                return await SearchCatalogAsync(session, term, limit, ct);
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

    private static async Task<IReadOnlyList<SearchResult>> SearchCatalogAsync(RegistrySession session, string term, int limit, CancellationToken ct)
    {
        var found = new List<SearchResult>();
        Uri? page = new Uri(session.Endpoint.Base, "v2/_catalog?n=1000");
        for (var count = 0; page is not null && found.Count < limit; count++)
        {
            if (count == MaxCatalogPages)
                throw new RegistryException(StorageError.Corrupt, $"registry '{session.Endpoint.Host}' lists repositories on more than {MaxCatalogPages} pages: refused");
            var at = page;
            using var guard = session.Guard(ct);
            using var answer = await session.SendAsync(() => new HttpRequestMessage(HttpMethod.Get, at), s_catalogScope, guard);
            if (!answer.IsSuccessStatusCode)
                throw await session.RefusalAsync(answer, guard);
            try
            {
                var list = JsonSerializer.Deserialize(await RegistrySession.ReadAsync(answer, MaxSearchBytes, session.Endpoint.Host, guard), DistributionJson.Default.RepositoryList);
                found.AddRange((list?.Repositories ?? []).OfType<string>().Where(name => name.Contains(term, StringComparison.OrdinalIgnoreCase)).Select(name => new SearchResult { Name = $"{session.Endpoint.Host}/{name}" }));
            }
            catch (JsonException broken)
            {
                throw new RegistryException(StorageError.Corrupt, $"registry '{session.Endpoint.Host}' has no index to search, and answered no JSON where its list of repositories should be", broken);
            }
            page = answer.Headers.TryGetValues("Link", out var links) ? RegistryClient.NextPage(at, links.First(), session.Endpoint.Host) : null;
        }
        return [.. found.Take(limit)];
    }
}
