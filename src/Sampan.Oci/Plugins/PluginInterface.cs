using System.Text.Json.Serialization;

namespace Sampan.Oci.Plugins;

/// <summary>How the engine speaks with a plugin, and what about.</summary>
public sealed record PluginInterface
{
    /// <summary>The protocol; null: Docker's HTTP.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ProtocolScheme { get; init; }

    /// <summary>The socket's file name below <c>/run/docker/plugins</c> inside.</summary>
    public string Socket { get => field ?? ""; init; }

    /// <summary>What it does, such as <c>docker.volumedriver/1.0</c>.</summary>
    public IReadOnlyList<PluginCapability>? Types { get; init; }
}
