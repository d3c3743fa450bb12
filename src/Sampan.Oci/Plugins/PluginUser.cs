using System.Text.Json.Serialization;

namespace Sampan.Oci.Plugins;

/// <summary>Who runs a plugin's program; both 0: root.</summary>
public sealed record PluginUser
{
    /// <summary>The group's number.</summary>
    [JsonPropertyName("GID")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public uint Gid { get; init; }

    /// <summary>The user's number.</summary>
    [JsonPropertyName("UID")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public uint Uid { get; init; }
}
