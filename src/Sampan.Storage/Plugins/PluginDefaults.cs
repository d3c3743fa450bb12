using Sampan.Oci.Plugins;

namespace Sampan.Storage.Plugins;

/// <summary>A plugin's settings before anybody sets any, and after an upgrade.</summary>
internal static class PluginDefaults
{
    /// <summary>The maker's values; after an upgrade those that the user had set stay, where they may still be set.</summary>
    internal static PluginSettings Of(PluginConfig config, PluginRecord? before)
    {
        var old = before is null ? null : Of(before.Config, null);
        return new PluginSettings
        {
            Args = before is not null && old is not null && !before.Settings.Args.SequenceEqual(old.Args) && config.Args.Name == before.Config.Args.Name && MaySet(config.Args.Settable, "value")
                ? before.Settings.Args
                : config.Args.Value ?? [],
            Env = [.. (config.Env ?? []).Select(env => Kept(env, before, old) ?? (env.Value is { } value ? $"{env.Name}={value}" : null)).OfType<string>()],
            Mounts = [.. (config.Mounts ?? []).Select(mount => before?.Settings.Mounts.FirstOrDefault(known => known.Name == mount.Name) is { } known
                && known.Source != old?.Mounts.FirstOrDefault(other => other.Name == mount.Name)?.Source && MaySet(mount.Settable, "source") ? mount with { Source = known.Source } : mount)],
            Devices = [.. (config.Linux.Devices ?? []).Select(device => before?.Settings.Devices.FirstOrDefault(known => known.Name == device.Name) is { } known
                && known.Path != old?.Devices.FirstOrDefault(other => other.Name == device.Name)?.Path && MaySet(device.Settable, "path") ? device with { Path = known.Path } : device)],
        };
    }

    private static string? Kept(PluginEnv env, PluginRecord? before, PluginSettings? old)
    {
        var set = before?.Settings.Env.FirstOrDefault(IsOf);
        return set is not null && set != old?.Env.FirstOrDefault(IsOf) && MaySet(env.Settable, "value") ? set : null;

        bool IsOf(string variable) => variable.StartsWith(env.Name + "=", StringComparison.Ordinal);
    }

    private static bool MaySet(IReadOnlyList<string>? settable, string field) => settable?.Contains(field) == true;
}
