using System.Text.Json;
using Sampan.DockerApi.Images;
using Sampan.DockerApi.Plugins;

namespace Sampan.DockerApi.Client;

public sealed partial class DockerClient
{
    /// <summary>Lists managed plugins.</summary>
    public Task<IReadOnlyList<PluginInspect>> ListPluginsAsync(Filters? filters = null, CancellationToken cancellationToken = default) =>
        GetAsync(new QueryString("/plugins").AddFilters(filters), DockerApiJson.Wire.PluginInspectList, cancellationToken);

    /// <summary>Everything about a plugin.</summary>
    public Task<PluginInspect> InspectPluginAsync(string name, CancellationToken cancellationToken = default) =>
        GetAsync(PluginTarget(name, "/json"), DockerApiJson.Wire.PluginInspect, cancellationToken);

    /// <summary>The same as the engine's own JSON.</summary>
    public Task<byte[]> InspectPluginJsonAsync(string name, CancellationToken cancellationToken = default) => GetJsonAsync(PluginTarget(name, "/json"), cancellationToken);

    /// <summary>What a plugin at its registry asks for; an engine says null for nothing.</summary>
    public async Task<IReadOnlyList<PluginPrivilege>> ReadPluginPrivilegesAsync(string remote, string? registryAuth = null, CancellationToken cancellationToken = default)
    {
        var request = new HttpRequest { Method = "GET", Target = new QueryString("/plugins/privileges").Add("remote", remote).ToString(), Headers = Shown(registryAuth) };
        using var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        return JsonSerializer.Deserialize(await response.ReadAllAsync(cancellationToken).ConfigureAwait(false), DockerApiJson.Wire.PluginPrivilegeList) ?? [];
    }

    /// <summary>Installs a plugin; <paramref name="name"/> null: under the name that it has there.</summary>
    public Task<IAsyncEnumerable<ProgressMessage>> PullPluginAsync(string remote, string? name, IReadOnlyList<PluginPrivilege> granted, string? registryAuth = null, CancellationToken cancellationToken = default) =>
        TransferPluginAsync(new QueryString("/plugins/pull").Add("remote", remote).Add("name", name), granted, registryAuth, cancellationToken);

    /// <summary>Replaces a disabled plugin by another version.</summary>
    public Task<IAsyncEnumerable<ProgressMessage>> UpgradePluginAsync(string name, string remote, IReadOnlyList<PluginPrivilege> granted, string? registryAuth = null, CancellationToken cancellationToken = default) =>
        TransferPluginAsync(PluginTarget(name, "/upgrade").Add("remote", remote), granted, registryAuth, cancellationToken);

    /// <summary>Sends a plugin to its registry.</summary>
    public async Task<IAsyncEnumerable<ProgressMessage>> PushPluginAsync(string name, string? registryAuth = null, CancellationToken cancellationToken = default)
    {
        var request = new HttpRequest { Method = "POST", Target = PluginTarget(name, "/push").ToString(), Headers = Shown(registryAuth) };
        return JsonLines.ReadAsync((await SendAsync(request, cancellationToken).ConfigureAwait(false)).Body, DockerApiJson.Wire.ProgressMessage, cancellationToken);
    }

    /// <summary>Makes a plugin of a tar with <c>config.json</c> and <c>rootfs/</c>, plain or compressed.</summary>
    public async Task CreatePluginAsync(string name, Stream archive, CancellationToken cancellationToken = default)
    {
        var request = new HttpRequest { Method = "POST", Target = new QueryString("/plugins/create").Add("name", name).ToString(), Upload = archive, ContentType = "application/x-tar" };
        using var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        await response.ReadAllAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts a plugin; <paramref name="timeout"/> in seconds, 0: as long as the engine likes.</summary>
    public Task EnablePluginAsync(string name, int timeout = 0, CancellationToken cancellationToken = default) => DoAsync("POST", PluginTarget(name, "/enable").Add("timeout", timeout), cancellationToken);

    /// <summary>Stops a plugin; <paramref name="force"/>: though something uses it.</summary>
    public Task DisablePluginAsync(string name, bool force = false, CancellationToken cancellationToken = default) => DoAsync("POST", PluginTarget(name, "/disable").Add("force", force), cancellationToken);

    /// <summary>Removes a plugin; <paramref name="force"/>: though it is enabled or used.</summary>
    public Task RemovePluginAsync(string name, bool force = false, CancellationToken cancellationToken = default) => DoAsync("DELETE", PluginTarget(name, "").Add("force", force), cancellationToken);

    /// <summary>Changes settings of a disabled plugin: <c>NAME[.FIELD]=VALUE</c>.</summary>
    public async Task SetPluginAsync(string name, IReadOnlyList<string> settings, CancellationToken cancellationToken = default)
    {
        using var response = await SendAsync("POST", PluginTarget(name, "/set"), settings, DockerApiJson.Wire.StringList, cancellationToken).ConfigureAwait(false);
        await response.ReadAllAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<IAsyncEnumerable<ProgressMessage>> TransferPluginAsync(QueryString target, IReadOnlyList<PluginPrivilege> granted, string? registryAuth, CancellationToken cancellationToken)
    {
        var request = new HttpRequest { Method = "POST", Target = target.ToString(), Content = JsonSerializer.SerializeToUtf8Bytes(granted, DockerApiJson.Wire.PluginPrivilegeList), Headers = Shown(registryAuth) };
        return JsonLines.ReadAsync((await SendAsync(request, cancellationToken).ConfigureAwait(false)).Body, DockerApiJson.Wire.ProgressMessage, cancellationToken);
    }

    private static QueryString PluginTarget(string name, string act) => new($"/plugins/{Segment(name)}{act}");

    private static IReadOnlyList<(string Name, string Value)> Shown(string? registryAuth) => registryAuth is null ? [] : [("X-Registry-Auth", registryAuth)];
}
