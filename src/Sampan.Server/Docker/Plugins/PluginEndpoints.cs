using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sampan.DockerApi;
using Sampan.DockerApi.Plugins;
using Sampan.Engine;
using Sampan.Engine.Plugins;
using Sampan.Server.Docker.Images;
using Sampan.Server.Http;
using Sampan.Storage.Plugins;

namespace Sampan.Server.Docker.Plugins;

/// <summary>Managed plugins.</summary>
internal sealed class PluginEndpoints(DockerDaemon daemon)
{
    // More than a timer can count is as good as this.
    private const int MaxTimeoutSeconds = 30 * 24 * 60 * 60;

    private readonly PluginOperations _plugins = daemon.Engine.Plugins;

    /// <summary>Adds the endpoints.</summary>
    internal void Map(RouteTable routes)
    {
        routes.Map("GET", "/plugins", List);
        routes.Map("GET", "/plugins/privileges", Privileges);
        routes.Map("POST", "/plugins/pull", Pull);
        routes.Map("POST", "/plugins/create", Create);
        routes.Map("GET", "/plugins/{name*}/json", Inspect);
        routes.Map("DELETE", "/plugins/{name*}", Remove);
        routes.Map("POST", "/plugins/{name*}/enable", Enable);
        routes.Map("POST", "/plugins/{name*}/disable", Disable);
        routes.Map("POST", "/plugins/{name*}/upgrade", Upgrade);
        routes.Map("POST", "/plugins/{name*}/push", Push);
        routes.Map("POST", "/plugins/{name*}/set", Set);
    }

    private async Task List(Exchange x)
    {
        var filters = Filters.Parse(x.Query("filters"), "capability", "enabled");
        var enabled = filters.Flag("enabled");
        var plugins = _plugins.List().Where(plugin => (enabled is null || enabled == plugin.Enabled) && HasAll(filters, plugin)).Select(PluginMapper.ToInspect);
        await x.WriteJsonAsync<IReadOnlyList<PluginInspect>>(200, [.. plugins], DockerApiJson.Wire.PluginInspectList).ConfigureAwait(false);
    }

    // As with dockerd every one of a plugin's capabilities has to be asked for.
    private static bool HasAll(Filters filters, PluginRecord plugin) =>
        plugin.Config.Interface.Types?.All(type => filters.Any("capability", wanted => wanted == type.Name || Filters.NameMatches(type.Name, wanted))) != false;

    private async Task Inspect(Exchange x) =>
        await x.WriteJsonAsync(200, PluginMapper.ToInspect(_plugins.Get(x.Route("name"))), DockerApiJson.Wire.PluginInspect).ConfigureAwait(false);

    private async Task Privileges(Exchange x)
    {
        var asked = await _plugins.PrivilegesAsync(x.Query("remote") ?? "", RegistryHeaders.Login(x.Http.Request), x.Aborted).ConfigureAwait(false);
        if (asked.Count == 0)
            await x.WriteBytesAsync(200, "application/json", "null"u8.ToArray()).ConfigureAwait(false);
        else
            await x.WriteJsonAsync(200, PluginMapper.ToPrivileges(asked), DockerApiJson.Wire.PluginPrivilegeList).ConfigureAwait(false);
    }

    private async Task Pull(Exchange x)
    {
        var granted = await ReadAsync(x, DockerApiJson.Wire.PluginPrivilegeList, "failed to parse privileges").ConfigureAwait(false);
        var remote = x.Query("remote") ?? "";
        var name = x.Query("name");
        x.Http.Response.Headers["Docker-Plugin-Name"] = PluginOperations.NameFor(remote, name);
        var login = RegistryHeaders.Login(x.Http.Request);
        await using var output = new TransferOutput(x);
        await output.RunAsync(progress => _plugins.PullAsync(remote, name, PluginMapper.FromPrivileges(granted), login, progress, x.Aborted)).ConfigureAwait(false);
    }

    private async Task Upgrade(Exchange x)
    {
        var granted = await ReadAsync(x, DockerApiJson.Wire.PluginPrivilegeList, "failed to parse privileges").ConfigureAwait(false);
        var remote = x.Query("remote") ?? "";
        var name = x.Route("name");
        x.Http.Response.Headers["Docker-Plugin-Name"] = PluginOperations.NameFor(remote, name);
        var login = RegistryHeaders.Login(x.Http.Request);
        await using var output = new TransferOutput(x);
        await output.RunAsync(progress => _plugins.UpgradeAsync(name, remote, PluginMapper.FromPrivileges(granted), login, progress, x.Aborted)).ConfigureAwait(false);
    }

    private async Task Push(Exchange x)
    {
        var login = RegistryHeaders.Login(x.Http.Request);
        await using var output = new TransferOutput(x);
        await output.RunAsync(progress => _plugins.PushAsync(x.Route("name"), login, progress, x.Aborted)).ConfigureAwait(false);
    }

    private async Task Create(Exchange x)
    {
        await _plugins.CreateAsync(x.Query("name") ?? "", x.Archive, x.Aborted).ConfigureAwait(false);
        await x.NoBody(204).ConfigureAwait(false);
    }

    private async Task Enable(Exchange x)
    {
        TimeSpan? timeout = null;
        if (x.Query("timeout") is { } text)
        {
            if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
                throw new EngineException(ErrorKind.InvalidArgument, $"invalid value '{text}' of query parameter 'timeout': expected a whole number of seconds");
            if (seconds < 0)
                throw new EngineException(ErrorKind.InvalidArgument, $"negative value {seconds} of query parameter 'timeout'");
            timeout = seconds == 0 ? null : TimeSpan.FromSeconds(Math.Min(seconds, MaxTimeoutSeconds));
        }

        await _plugins.EnableAsync(x.Route("name"), timeout, x.Aborted).ConfigureAwait(false);
        await x.NoBody(200).ConfigureAwait(false);
    }

    private async Task Disable(Exchange x)
    {
        await _plugins.DisableAsync(x.Route("name"), x.Flag("force"), x.Aborted).ConfigureAwait(false);
        await x.NoBody(200).ConfigureAwait(false);
    }

    private async Task Remove(Exchange x)
    {
        await _plugins.RemoveAsync(x.Route("name"), x.Flag("force"), x.Aborted).ConfigureAwait(false);
        await x.NoBody(200).ConfigureAwait(false);
    }

    private async Task Set(Exchange x)
    {
        var settings = await ReadAsync(x, DockerApiJson.Wire.StringList, "failed to parse settings").ConfigureAwait(false);
        if (settings.Any(setting => setting is null))
            throw new EngineException(ErrorKind.InvalidArgument, "failed to parse settings: one is null");
        await _plugins.SetAsync(x.Route("name"), settings, x.Aborted).ConfigureAwait(false);
        await x.NoBody(204).ConfigureAwait(false);
    }

    // Docker's client says nothing of the body's type here, and a list of nothing is null.
    private static async Task<IReadOnlyList<T>> ReadAsync<T>(Exchange x, JsonTypeInfo<IReadOnlyList<T>> type, string failed)
        where T : class
    {
        var body = await x.ReadBodyAsync().ConfigureAwait(false);
        if (body.Length == 0)
            throw new EngineException(ErrorKind.InvalidArgument, $"{failed}: EOF");
        try
        {
            return JsonSerializer.Deserialize(body.Span, type) ?? [];
        }
        catch (JsonException wrong)
        {
            throw new EngineException(ErrorKind.InvalidArgument, $"{failed}: {Exchange.Describe(wrong)}", wrong);
        }
    }
}
