using Sampan.DockerApi.Engines;
using Sampan.DockerApi.Images;

namespace Sampan.DockerApi.Client;

public sealed partial class DockerClient
{
    /// <summary>Sends an image to its registry; without a tag, all tags of the repository. <paramref name="registryAuth"/> is the base64url of an <see cref="AuthConfig"/>; <paramref name="platform"/>, as JSON of the OCI form, pushes that one image of several.</summary>
    public async Task<IAsyncEnumerable<ProgressMessage>> PushImageAsync(string repository, string? tag, string registryAuth, string? platform = null, CancellationToken cancellationToken = default)
    {
        var target = new QueryString($"/images/{Segment(repository)}/push").Add("tag", tag).Add("platform", platform);
        var request = new HttpRequest { Method = "POST", Target = target.ToString(), Headers = [("X-Registry-Auth", registryAuth)] };
        return JsonLines.ReadAsync((await SendAsync(request, cancellationToken).ConfigureAwait(false)).Body, DockerApiJson.Wire.ProgressMessage, cancellationToken);
    }

    /// <summary>The digest that a name means at its registry now.</summary>
    public async Task<string> ReadDistributionDigestAsync(string name, string? registryAuth = null, CancellationToken cancellationToken = default)
    {
        var request = new HttpRequest { Method = "GET", Target = new QueryString($"/distribution/{Segment(name)}/json").ToString(), Headers = registryAuth is null ? [] : [("X-Registry-Auth", registryAuth)] };
        return (await ReadAsync(await SendAsync(request, cancellationToken).ConfigureAwait(false), DockerApiJson.Wire.DistributionInspect, cancellationToken).ConfigureAwait(false)).Descriptor.Digest;
    }

    /// <summary>Lets the engine try credentials at their registry. 401: they are wrong.</summary>
    public async Task<AuthResponse> LoginAsync(AuthConfig auth, CancellationToken cancellationToken = default) =>
        await ReadAsync(await SendAsync("POST", new QueryString("/auth"), auth, DockerApiJson.Wire.AuthConfig, cancellationToken).ConfigureAwait(false), DockerApiJson.Wire.AuthResponse, cancellationToken).ConfigureAwait(false);

    /// <summary>Searches an index; null for <paramref name="limit"/>: as many as the engine likes.</summary>
    public async Task<IReadOnlyList<ImageSearchResult>> SearchImagesAsync(string term, int? limit = null, Filters? filters = null, string? registryAuth = null, CancellationToken cancellationToken = default)
    {
        var target = new QueryString("/images/search").Add("term", term).Add("limit", limit).AddFilters(filters);
        var request = new HttpRequest { Method = "GET", Target = target.ToString(), Headers = registryAuth is null ? [] : [("X-Registry-Auth", registryAuth)] };
        return await ReadAsync(await SendAsync(request, cancellationToken).ConfigureAwait(false), DockerApiJson.Wire.ImageSearchResultList, cancellationToken).ConfigureAwait(false);
    }
}
