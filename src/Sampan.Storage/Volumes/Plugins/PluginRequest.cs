namespace Sampan.Storage.Volumes.Plugins;

/// <summary>What is sent to a plugin, see <see href="https://docs.docker.com/engine/extend/plugins_volume/">Docker's protocol of volume plugins</see>.</summary>
internal sealed record PluginRequest
{
    /// <summary>The volume.</summary>
    public string? Name { get; init; }

    /// <summary>Who uses it: the same for a mount and its unmount.</summary>
    public string? ID { get; init; }

    /// <summary>Options of a volume that is made.</summary>
    public IReadOnlyDictionary<string, string>? Opts { get; init; }
}
