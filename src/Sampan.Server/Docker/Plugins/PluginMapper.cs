using System.Text.Json;
using Sampan.DockerApi.Plugins;
using Sampan.Oci.Plugins;
using Sampan.Storage.Plugins;
using Asked = Sampan.Oci.Plugins.PluginPrivilege;
using Shown = Sampan.DockerApi.Plugins.PluginPrivilege;

namespace Sampan.Server.Docker.Plugins;

/// <summary>Makes Docker's words from what the engine knows of a plugin.</summary>
internal static class PluginMapper
{
    /// <summary>A plugin.</summary>
    internal static PluginInspect ToInspect(PluginRecord plugin) => new()
    {
        Config = JsonSerializer.SerializeToElement(plugin.Config, PluginJson.Plain.PluginConfig),
        Enabled = plugin.Enabled,
        Id = plugin.Id,
        Name = plugin.Name,
        PluginReference = plugin.Reference,
        Settings = JsonSerializer.SerializeToElement(plugin.Settings, PluginJson.Plain.PluginSettings),
    };

    /// <summary>What a plugin asks for.</summary>
    internal static IReadOnlyList<Shown> ToPrivileges(IReadOnlyList<Asked> privileges) =>
        [.. privileges.Select(privilege => new Shown { Name = privilege.Name, Description = privilege.Description, Value = privilege.Value })];

    /// <summary>What a user grants.</summary>
    internal static IReadOnlyList<Asked> FromPrivileges(IReadOnlyList<Shown> privileges) =>
        [.. privileges.Select(privilege => new Asked { Name = privilege?.Name ?? "", Description = privilege?.Description ?? "", Value = privilege?.Value ?? [] })];
}
