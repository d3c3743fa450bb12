using Sampan.Storage.Plugins;

namespace Sampan.Storage.Volumes.Plugins;

/// <summary>Where volume plugins are looked for and how long is waited for them.</summary>
public sealed record VolumePluginOptions
{
    /// <summary>Directories with sockets: <c>NAME.sock</c> or <c>NAME/NAME.sock</c>; the first that has one counts.</summary>
    public IReadOnlyList<string> SocketDirectories { get; init; } = ["/run/docker/plugins"];

    /// <summary>Directories with addresses: <c>NAME.spec</c> or <c>NAME.json</c>.</summary>
    public IReadOnlyList<string> SpecDirectories { get; init; } = ["/etc/docker/plugins", "/usr/lib/docker/plugins"];

    /// <summary>The managed plugins, which come before all others.</summary>
    public ManagedPlugins Managed { get; init; } = new();

    /// <summary>How long a plugin may take for an answer.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it may take to mount, unmount, create or remove.</summary>
    public TimeSpan WorkLimit { get; init; } = TimeSpan.FromMinutes(2);
}
