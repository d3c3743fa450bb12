using Sampan.DockerApi;
using Sampan.DockerApi.Images;
using Sampan.Engine;
using Sampan.Engine.Images;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Images;

/// <summary>Images as archives: load, import, save.</summary>
internal sealed class ImageArchiveEndpoints(DockerDaemon daemon)
{
    private readonly ImageOperations _images = daemon.Engine.Images;
    private readonly RegistryEndpoints _registry = new(daemon);

    /// <summary>Adds the endpoints.</summary>
    internal void Map(RouteTable routes)
    {
        routes.Map("POST", "/images/create", Create);
        routes.Map("POST", "/images/load", Load);
        routes.Map("GET", "/images/get", x => Save(x, x.QueryAll("names")));
        routes.Map("GET", "/images/{name*}/get", x => Save(x, [x.Route("name")]));
    }

    private async Task Load(Exchange x)
    {
        var lines = await _images.LoadAsync(x.Archive, PlatformQuery.OfArchive(x), progress: null, x.Aborted).ConfigureAwait(false);
        await x.StartStreamAsync("application/json").ConfigureAwait(false);
        foreach (var line in lines)
            await x.WriteLineAsync(new ProgressMessage { Stream = line + "\n" }, DockerApiJson.Wire.ProgressMessage).ConfigureAwait(false);
    }

    private async Task Create(Exchange x)
    {
        if (x.Query("fromImage") is { } image)
        {
            await _registry.PullAsync(x, image).ConfigureAwait(false);
            return;
        }

        var source = x.Query("fromSrc") ?? throw new EngineException(ErrorKind.InvalidArgument, "query parameter 'fromImage' or 'fromSrc' is required");
        var repository = x.Query("repo");
        var options = new ImageImportOptions
        {
            Reference = repository is not null && x.Query("tag") is { } tag ? $"{repository}:{tag}" : repository,
            Changes = x.QueryAll("changes"),
            Platform = x.Query("platform"),
        };
        using var remote = source == "-" ? null : await RemoteArchive.OpenAsync(source, x.Aborted).ConfigureAwait(false);
        options = options with { Message = x.Query("message") is { Length: > 0 } given ? given : $"Imported from {remote?.Address ?? source}" };
        var imported = await _images.ImportAsync(remote?.Content ?? x.Archive, options, x.Aborted).ConfigureAwait(false);
        await x.StartStreamAsync("application/json").ConfigureAwait(false);
        if (remote is not null)
            await x.WriteLineAsync(new ProgressMessage { Status = $"Downloading from {remote.Address}" }, DockerApiJson.Wire.ProgressMessage).ConfigureAwait(false);
        await x.WriteLineAsync(new ProgressMessage { Status = imported.Id }, DockerApiJson.Wire.ProgressMessage).ConfigureAwait(false);
    }

    private async Task Save(Exchange x, IReadOnlyList<string> names)
    {
        var platforms = PlatformQuery.OfArchive(x);
        if (names.Count == 0)
            throw new EngineException(ErrorKind.InvalidArgument, "no image to save: query parameter 'names' is required");
        // What is missing is told by a status; once the archive has begun it can only break off.
        foreach (var name in names.SelectMany(_images.NamesMeantBy))
        {
            _ = _images.Get(name);
            foreach (var platform in platforms)
                _ = _images.Get(name, platform);
        }

        var body = await x.StartStreamAsync("application/x-tar").ConfigureAwait(false);
        await _images.SaveAsync(names, platforms, body, x.Aborted).ConfigureAwait(false);
    }
}
