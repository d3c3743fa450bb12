using Sampan.DockerApi.Networks;

namespace Sampan.DockerApi.Client;

public sealed partial class DockerClient
{
    /// <summary>Lists networks.</summary>
    public Task<IReadOnlyList<NetworkInspect>> ListNetworksAsync(Filters? filters = null, CancellationToken cancellationToken = default) =>
        GetAsync(new QueryString("/networks").AddFilters(filters), DockerApiJson.Wire.NetworkInspectList, cancellationToken);

    /// <summary>Everything about a network, as the engine's own JSON.</summary>
    public Task<byte[]> InspectNetworkJsonAsync(string id, bool verbose = false, CancellationToken cancellationToken = default) =>
        GetJsonAsync(new QueryString($"/networks/{Segment(id)}").Add("verbose", verbose), cancellationToken);

    /// <summary>Creates a network.</summary>
    public async Task<NetworkCreateResponse> CreateNetworkAsync(NetworkCreateRequest request, CancellationToken cancellationToken = default) =>
        await ReadAsync(await SendAsync("POST", new QueryString("/networks/create"), request, DockerApiJson.Wire.NetworkCreateRequest, cancellationToken).ConfigureAwait(false), DockerApiJson.Wire.NetworkCreateResponse, cancellationToken).ConfigureAwait(false);

    /// <summary>Removes a network that no container uses.</summary>
    public Task RemoveNetworkAsync(string id, CancellationToken cancellationToken = default) => DoAsync("DELETE", new QueryString($"/networks/{Segment(id)}"), cancellationToken);

    /// <summary>Connects a container to a network.</summary>
    public async Task ConnectNetworkAsync(string id, NetworkConnectRequest request, CancellationToken cancellationToken = default)
    {
        using var response = await SendAsync("POST", new QueryString($"/networks/{Segment(id)}/connect"), request, DockerApiJson.Wire.NetworkConnectRequest, cancellationToken).ConfigureAwait(false);
        await response.ReadAllAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Disconnects a container from a network.</summary>
    public async Task DisconnectNetworkAsync(string id, NetworkDisconnectRequest request, CancellationToken cancellationToken = default)
    {
        using var response = await SendAsync("POST", new QueryString($"/networks/{Segment(id)}/disconnect"), request, DockerApiJson.Wire.NetworkDisconnectRequest, cancellationToken).ConfigureAwait(false);
        await response.ReadAllAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes unused networks that pass the filters.</summary>
    public async Task<NetworksPruneReport> PruneNetworksAsync(Filters? filters = null, CancellationToken cancellationToken = default) =>
        await ReadAsync(await SendAsync("POST", new QueryString("/networks/prune").AddFilters(filters), cancellationToken).ConfigureAwait(false), DockerApiJson.Wire.NetworksPruneReport, cancellationToken).ConfigureAwait(false);

    /// <summary>Sampan only: which port of which running container is reachable from where, and why. 404: another engine.</summary>
    public Task<IReadOnlyList<ExposureEntry>> NetworkExposureAsync(CancellationToken cancellationToken = default) =>
        GetAsync(new QueryString("/sampan/exposure"), StoreJson.Wire.ExposureEntryList, cancellationToken);
}
