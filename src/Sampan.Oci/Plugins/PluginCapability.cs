using System.Text.Json.Serialization;

namespace Sampan.Oci.Plugins;

/// <summary>One thing that a plugin does: <c>docker.volumedriver/1.0</c>.</summary>
/// <param name="Prefix">Who defined it: <c>docker</c>.</param>
/// <param name="Name">What: <c>volumedriver</c>.</param>
/// <param name="Version">The protocol's version: <c>1.0</c>.</param>
[JsonConverter(typeof(PluginCapabilityJsonConverter))]
public sealed record PluginCapability(string Prefix, string Name, string Version)
{
    /// <summary>Docker's prefix.</summary>
    public const string Docker = "docker";

    /// <summary>Reads it as Docker does: the last dot before the first slash ends the prefix, what is missing is empty.</summary>
    public static PluginCapability Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var slash = text.IndexOf('/');
        var head = slash < 0 ? text : text[..slash];
        var dot = head.LastIndexOf('.');
        return new PluginCapability(dot < 0 ? "" : head[..dot], dot < 0 ? head : head[(dot + 1)..], slash < 0 ? "" : text[(slash + 1)..]);
    }

    /// <summary>True for what Docker calls by this name.</summary>
    public bool Is(string name) => Prefix == Docker && Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override string ToString() => $"{Prefix}.{Name}/{Version}";
}
