using Sampan.DockerApi.Engines;
using Sampan.DockerApi.Events;

namespace Sampan.DockerApi.Client;

public sealed partial class DockerClient
{
    /// <summary>Asks whether the engine is there, and settles the version.</summary>
    public async Task PingAsync(CancellationToken cancellationToken = default)
    {
        using var response = await SendAsync("HEAD", new QueryString("/_ping"), cancellationToken).ConfigureAwait(false);
        if (_pinned is null && ApiVersion.TryParse(response.Head["Api-Version"], out var theirs) && theirs < _version) _version = theirs;
    }

    /// <summary>Versions of the engine and its parts.</summary>
    public Task<SystemVersion> GetVersionAsync(CancellationToken cancellationToken = default) => GetAsync(new QueryString("/version"), DockerApiJson.Wire.SystemVersion, cancellationToken);

    /// <summary>Facts about the engine and its host.</summary>
    public Task<SystemInfo> GetInfoAsync(CancellationToken cancellationToken = default) => GetAsync(new QueryString("/info"), DockerApiJson.Wire.SystemInfo, cancellationToken);

    /// <summary>Facts about the engine and its host, as the engine's own JSON.</summary>
    public Task<byte[]> GetInfoJsonAsync(CancellationToken cancellationToken = default) => GetJsonAsync(new QueryString("/info"), cancellationToken);

    /// <summary>What takes how much space; <paramref name="verbose"/> asks for the single objects too.</summary>
    public Task<DiskUsage> GetDiskUsageAsync(bool verbose = false, bool limits = false, CancellationToken cancellationToken = default) =>
        GetAsync(new QueryString("/system/df").Add("verbose", verbose && _version >= new ApiVersion(1, 52)).Add("limits", limits), DockerApiJson.Wire.DiskUsage, cancellationToken);

    /// <summary>What happens, as it happens; with <paramref name="until"/> (seconds since 1970) it ends, otherwise it goes on until it is cancelled.</summary>
    public async Task<IAsyncEnumerable<EventMessage>> GetEventsAsync(string? since = null, string? until = null, Filters? filters = null, CancellationToken cancellationToken = default)
    {
        var response = await SendAsync("GET", new QueryString("/events").Add("since", since).Add("until", until).AddFilters(filters), cancellationToken).ConfigureAwait(false);
        return JsonLines.ReadAsync(response.Body, DockerApiJson.Wire.EventMessage, cancellationToken);
    }
}
