using Sampan.DockerApi;
using Sampan.DockerApi.Volumes;
using Sampan.Engine.Volumes;
using Sampan.Server.Docker.Containers;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Volumes;

/// <summary>What Docker's API has no words for, below <c>/sampan</c>: volumes cloned, exported and imported.</summary>
internal sealed class VolumeCopyEndpoints(DockerDaemon daemon)
{
    private const string WarningHeader = "X-Sampan-Warning";

    private readonly VolumeOperations _volumes = daemon.Engine.Volumes;

    /// <summary>Adds the endpoints.</summary>
    internal void Map(RouteTable routes)
    {
        routes.Map("POST", "/sampan/volumes/import", Import);
        routes.Map("POST", "/sampan/volumes/{name}/clone", Clone);
        routes.Map("GET", "/sampan/volumes/{name}/export", Export);
    }

    private async Task Clone(Exchange x)
    {
        var request = await x.ReadOptionalJsonAsync(StoreJson.Wire.VolumeCopyRequest).ConfigureAwait(false) ?? new VolumeCopyRequest();
        var copied = await _volumes.CloneAsync(
            x.Route("name"),
            ContainerRequestMapper.Given(request.Name),
            request.Labels ?? new Dictionary<string, string>(),
            request.Snapshot,
            request.Pause,
            x.Aborted).ConfigureAwait(false);
        await AnswerAsync(x, copied.Volume, copied.Warnings).ConfigureAwait(false);
    }

    private Task Export(Exchange x) => _volumes.ExportAsync(
        x.Route("name"),
        x.Flag("pause"),
        warnings =>
        {
            if (warnings.Count > 0)
                x.Http.Response.Headers[WarningHeader] = string.Join("; ", warnings);
            return x.StartStreamAsync("application/x-tar");
        },
        x.Aborted);

    private async Task Import(Exchange x)
    {
        var labels = x.QueryAll("label").Select(label => label.Split('=', 2)).ToDictionary(parts => parts[0], parts => parts.ElementAtOrDefault(1) ?? "", StringComparer.Ordinal);
        var volume = await _volumes.ImportAsync(x.Query("name"), labels, x.Archive, x.Aborted).ConfigureAwait(false);
        await AnswerAsync(x, volume, []).ConfigureAwait(false);
    }

    private static Task AnswerAsync(Exchange x, VolumeSnapshot volume, IReadOnlyList<string> warnings) =>
        x.WriteJsonAsync(201, new VolumeCopyReport { Volume = VolumeMapper.ToInspect(volume), Warnings = warnings }, StoreJson.Wire.VolumeCopyReport);
}
