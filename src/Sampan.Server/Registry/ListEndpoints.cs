using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sampan.Oci.Images;
using Sampan.Storage.Registry;

namespace Sampan.Server.Registry;

/// <summary>What there is: repositories, tags, and what is about a manifest.</summary>
internal static class ListEndpoints
{
    /// <summary>Entries of one answer, at most.</summary>
    internal const int PageMax = 10_000;

    private const int CatalogPage = 1000;

    /// <summary><c>GET /v2/_catalog</c>.</summary>
    internal static Task CatalogAsync(RegistryContent content, RegistryExchange exchange)
    {
        var count = exchange.Count() ?? CatalogPage;
        var page = content.Store.ListRepositories(count, exchange.Query("last"));
        if (page.HasMore)
            Next(exchange, string.Create(CultureInfo.InvariantCulture, $"/v2/_catalog?n={count}&last={Uri.EscapeDataString(page.Names[^1])}"));
        return exchange.WriteJsonAsync(StatusCodes.Status200OK, new CatalogBody { Repositories = page.Names }, RegistryJson.Plain.CatalogBody);
    }

    /// <summary><c>GET /v2/NAME/tags/list</c>.</summary>
    internal static async Task TagsAsync(RegistryContent content, RegistryExchange exchange)
    {
        var name = exchange.Name;
        var count = exchange.Count() ?? PageMax;
        var page = await content.ListTagsAsync(name, count, exchange.Query("last"), exchange.Aborted).ConfigureAwait(false)
            ?? throw new RegistryRefusalException(RefusalCode.NameUnknown, $"there is no repository '{name}'");
        if (page.HasMore)
            Next(exchange, string.Create(CultureInfo.InvariantCulture, $"/v2/{name}/tags/list?n={count}&last={Uri.EscapeDataString(page.Names[^1])}"));
        await exchange.WriteJsonAsync(StatusCodes.Status200OK, new TagListBody { Name = name.Text, Tags = page.Names }, RegistryJson.Plain.TagListBody).ConfigureAwait(false);
    }

    /// <summary><c>GET /v2/NAME/referrers/DIGEST</c>.</summary>
    internal static async Task ReferrersAsync(RegistryContent content, RegistryExchange exchange)
    {
        var (name, subject, artifactType) = (exchange.Name, exchange.Digest, exchange.Query("artifactType"));
        ContentDigest? last = exchange.Query("last") is { } text ? RegistryExchange.ParseDigest(text) : null;
        await content.FetchReferrersAsync(name, subject, exchange.Aborted).ConfigureAwait(false);
        var (index, next) = content.Store.ListReferrers(name, subject, artifactType, last);
        if (artifactType is not null)
            exchange.Answer["OCI-Filters-Applied"] = "artifactType";
        if (next is not null)
            Next(exchange, $"/v2/{name}/referrers/{subject}?last={next}{(artifactType is null ? "" : $"&artifactType={Uri.EscapeDataString(artifactType)}")}");
        await exchange.WriteAsync(StatusCodes.Status200OK, MediaTypes.OciIndex, index).ConfigureAwait(false);
    }

    private static void Next(RegistryExchange exchange, string address) => exchange.Answer.Link = $"<{address}>; rel=\"next\"";
}
