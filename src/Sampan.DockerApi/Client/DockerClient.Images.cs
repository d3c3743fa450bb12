using Sampan.DockerApi.Images;

namespace Sampan.DockerApi.Client;

public sealed partial class DockerClient
{
    /// <summary>Lists images; <paramref name="all"/> shows intermediate ones too.</summary>
    public Task<IReadOnlyList<ImageSummary>> ListImagesAsync(bool all = false, bool sharedSize = false, Filters? filters = null, CancellationToken cancellationToken = default) =>
        ListImagesAsync(new QueryString("/images/json").Add("all", all).Add("shared-size", sharedSize).AddFilters(filters), cancellationToken);

    /// <summary>Lists images, each with the manifests that its name stands for; <paramref name="all"/> shows intermediate ones too.</summary>
    public Task<IReadOnlyList<ImageSummary>> ListImageManifestsAsync(bool all = false, Filters? filters = null, CancellationToken cancellationToken = default) =>
        ListImagesAsync(new QueryString("/images/json").Add("all", all).Add("manifests", true).AddFilters(filters), cancellationToken);

    private Task<IReadOnlyList<ImageSummary>> ListImagesAsync(QueryString query, CancellationToken cancellationToken) =>
        GetAsync(query, DockerApiJson.Wire.ImageSummaryList, cancellationToken);

    /// <summary>Everything about an image.</summary>
    public Task<ImageInspect> InspectImageAsync(string name, CancellationToken cancellationToken = default) => GetAsync(Image(name, "json"), DockerApiJson.Wire.ImageInspect, cancellationToken);

    /// <summary>Everything about an image, as the engine's own JSON; <paramref name="platform"/> as JSON of the OCI form.</summary>
    public Task<byte[]> InspectImageJsonAsync(string name, string? platform = null, CancellationToken cancellationToken = default) =>
        GetJsonAsync(Image(name, "json").Add("platform", platform), cancellationToken);

    /// <summary>The steps an image was made of, newest first.</summary>
    public Task<IReadOnlyList<HistoryItem>> ImageHistoryAsync(string name, string? platform = null, CancellationToken cancellationToken = default) =>
        GetAsync(Image(name, "history").Add("platform", platform), DockerApiJson.Wire.HistoryItemList, cancellationToken);

    /// <summary>Gives an image a further name.</summary>
    public Task TagImageAsync(string source, string repository, string tag, CancellationToken cancellationToken = default) =>
        DoAsync("POST", Image(source, "tag").Add("repo", repository).Add("tag", tag), cancellationToken);

    /// <summary>Removes an image's name, and the image with its last name. 409: containers use it.</summary>
    public async Task<IReadOnlyList<ImageDeleteItem>> RemoveImageAsync(string name, bool force = false, bool noPrune = false, IReadOnlyList<string>? platforms = null, CancellationToken cancellationToken = default) =>
        await ReadAsync(
            await SendAsync("DELETE", new QueryString($"/images/{Segment(name)}").Add("force", force).Add("noprune", noPrune).Add("platforms", platforms ?? []), cancellationToken).ConfigureAwait(false),
            DockerApiJson.Wire.ImageDeleteItemList, cancellationToken).ConfigureAwait(false);

    /// <summary>Loads images from an archive; messages come while it is being read.</summary>
    public async Task<IAsyncEnumerable<ProgressMessage>> LoadImagesAsync(Stream archive, bool quiet = false, string? platform = null, CancellationToken cancellationToken = default) =>
        await UploadAsync(new QueryString("/images/load").Add("quiet", quiet ? "1" : "0").Add("platform", platform), archive, cancellationToken).ConfigureAwait(false);

    /// <summary>Makes an image of a filesystem: of <paramref name="archive"/>, or of what the engine fetches from the source.</summary>
    public async Task<IAsyncEnumerable<ProgressMessage>> ImportImageAsync(ImportRequest request, Stream? archive, CancellationToken cancellationToken = default)
    {
        var target = new QueryString("/images/create").Add("fromSrc", request.Source).Add("repo", request.Repository).Add("tag", request.Tag)
            .Add("message", request.Message).Add("changes", request.Changes).Add("platform", request.Platform);
        return archive is not null
            ? await UploadAsync(target, archive, cancellationToken).ConfigureAwait(false)
            : JsonLines.ReadAsync((await SendAsync("POST", target, cancellationToken).ConfigureAwait(false)).Body, DockerApiJson.Wire.ProgressMessage, cancellationToken);
    }

    /// <summary>Fetches an image from its registry; <paramref name="registryAuth"/> is the base64url of an <see cref="Engines.AuthConfig"/>.</summary>
    public async Task<IAsyncEnumerable<ProgressMessage>> PullImageAsync(string repository, string? tag, string? platform = null, string? registryAuth = null, CancellationToken cancellationToken = default)
    {
        var target = new QueryString("/images/create").Add("fromImage", repository).Add("tag", tag).Add("platform", platform);
        var request = new HttpRequest { Method = "POST", Target = target.ToString(), Headers = registryAuth is null ? [] : [("X-Registry-Auth", registryAuth)] };
        return JsonLines.ReadAsync((await SendAsync(request, cancellationToken).ConfigureAwait(false)).Body, DockerApiJson.Wire.ProgressMessage, cancellationToken);
    }

    /// <summary>Images as one archive.</summary>
    public async Task<Stream> SaveImagesAsync(IReadOnlyList<string> names, string? platform = null, CancellationToken cancellationToken = default) =>
        (await SendAsync("GET", new QueryString("/images/get").Add("names", names).Add("platform", platform), cancellationToken).ConfigureAwait(false)).Body;

    /// <summary>Removes unused images that pass the filters.</summary>
    public async Task<ImagesPruneReport> PruneImagesAsync(Filters? filters = null, CancellationToken cancellationToken = default) =>
        await ReadAsync(await SendAsync("POST", new QueryString("/images/prune").AddFilters(filters), cancellationToken).ConfigureAwait(false), DockerApiJson.Wire.ImagesPruneReport, cancellationToken).ConfigureAwait(false);

    private static QueryString Image(string name, string verb) => new($"/images/{Segment(name)}/{verb}");

    private async Task<IAsyncEnumerable<ProgressMessage>> UploadAsync(QueryString target, Stream archive, CancellationToken cancellationToken)
    {
        var request = new HttpRequest { Method = "POST", Target = target.ToString(), Upload = archive, ContentType = "application/x-tar" };
        return JsonLines.ReadAsync((await SendAsync(request, cancellationToken).ConfigureAwait(false)).Body, DockerApiJson.Wire.ProgressMessage, cancellationToken);
    }
}
