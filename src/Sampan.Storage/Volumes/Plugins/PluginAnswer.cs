namespace Sampan.Storage.Volumes.Plugins;

/// <summary>What a plugin answers; each call fills some of it.</summary>
internal sealed record PluginAnswer
{
    /// <summary>What went wrong; empty: nothing.</summary>
    public string? Err { get; init; }

    /// <summary>What it is a plugin for.</summary>
    public IReadOnlyList<string>? Implements { get; init; }

    /// <summary>Where a volume is mounted on the host.</summary>
    public string? Mountpoint { get; init; }

    /// <summary>One volume.</summary>
    public PluginVolume? Volume { get; init; }

    /// <summary>All volumes.</summary>
    public IReadOnlyList<PluginVolume>? Volumes { get; init; }

    /// <summary>What it can do.</summary>
    public PluginCapabilities? Capabilities { get; init; }
}
