using Sampan.DockerApi.Volumes;

namespace Sampan.DockerApi.Client;

public sealed partial class DockerClient
{
    /// <summary>Lists volumes.</summary>
    public Task<VolumeListResponse> ListVolumesAsync(Filters? filters = null, CancellationToken cancellationToken = default) =>
        GetAsync(new QueryString("/volumes").AddFilters(filters), DockerApiJson.Wire.VolumeListResponse, cancellationToken);

    /// <summary>Everything about a volume, as the engine's own JSON.</summary>
    public Task<byte[]> InspectVolumeJsonAsync(string name, CancellationToken cancellationToken = default) => GetJsonAsync(new QueryString($"/volumes/{Segment(name)}"), cancellationToken);

    /// <summary>Creates a volume, or returns the one of that name.</summary>
    public async Task<VolumeInspect> CreateVolumeAsync(VolumeCreateRequest request, CancellationToken cancellationToken = default) =>
        await ReadAsync(await SendAsync("POST", new QueryString("/volumes/create"), request, DockerApiJson.Wire.VolumeCreateRequest, cancellationToken).ConfigureAwait(false), DockerApiJson.Wire.VolumeInspect, cancellationToken).ConfigureAwait(false);

    /// <summary>Removes a volume that no container uses; <paramref name="force"/> makes a missing one no error.</summary>
    public Task RemoveVolumeAsync(string name, bool force = false, CancellationToken cancellationToken = default) =>
        DoAsync("DELETE", new QueryString($"/volumes/{Segment(name)}").Add("force", force), cancellationToken);

    /// <summary>Removes unused volumes that pass the filters: anonymous ones, unless the filter all says otherwise.</summary>
    public async Task<VolumesPruneReport> PruneVolumesAsync(Filters? filters = null, CancellationToken cancellationToken = default) =>
        await ReadAsync(await SendAsync("POST", new QueryString("/volumes/prune").AddFilters(filters), cancellationToken).ConfigureAwait(false), DockerApiJson.Wire.VolumesPruneReport, cancellationToken).ConfigureAwait(false);

    /// <summary>Sampan only: makes a volume of another. 404: no such volume, or another engine.</summary>
    public async Task<VolumeCopyReport> CloneVolumeAsync(string name, VolumeCopyRequest request, CancellationToken cancellationToken = default) =>
        await ReadAsync(await SendAsync("POST", new QueryString($"/sampan/volumes/{Segment(name)}/clone"), request, StoreJson.Wire.VolumeCopyRequest, cancellationToken).ConfigureAwait(false), StoreJson.Wire.VolumeCopyReport, cancellationToken).ConfigureAwait(false);

    /// <summary>Sampan only: a volume's content as a tar, and what one should know of it; null: nothing. 404: no such volume, or another engine.</summary>
    public async Task<(Stream Archive, string? Warning)> ExportVolumeAsync(string name, bool pause, CancellationToken cancellationToken = default)
    {
        var response = await SendAsync("GET", new QueryString($"/sampan/volumes/{Segment(name)}/export").Add("pause", pause), cancellationToken).ConfigureAwait(false);
        return (response.Body, response.Head["X-Sampan-Warning"]);
    }

    /// <summary>Sampan only: makes a volume of a tar, plain or compressed. 404: another engine.</summary>
    public async Task<VolumeCopyReport> ImportVolumeAsync(string? name, IReadOnlyList<string> labels, Stream archive, CancellationToken cancellationToken = default)
    {
        var target = new QueryString("/sampan/volumes/import").Add("name", name).Add("label", labels);
        var request = new HttpRequest { Method = "POST", Target = target.ToString(), Upload = archive, ContentType = "application/x-tar" };
        return await ReadAsync(await SendAsync(request, cancellationToken).ConfigureAwait(false), StoreJson.Wire.VolumeCopyReport, cancellationToken).ConfigureAwait(false);
    }
}
