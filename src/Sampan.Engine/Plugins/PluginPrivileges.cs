using Sampan.Oci.Plugins;

namespace Sampan.Engine.Plugins;

/// <summary>What a plugin asks for that its user has to grant, in Docker's words and order (moby plugin/backend_linux.go).</summary>
public static class PluginPrivileges
{
    private static readonly string[] s_true = ["true"];

    /// <summary>What a configuration asks for.</summary>
    public static IReadOnlyList<PluginPrivilege> Of(PluginConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var asked = new List<PluginPrivilege>();
        if (config.Network.Type is not ("null" or "bridge" or ""))
            Ask("network", "permissions to access a network", [config.Network.Type]);
        if (config.IpcHost)
            Ask("host ipc namespace", "allow access to host ipc namespace", s_true);
        if (config.PidHost)
            Ask("host pid namespace", "allow access to host pid namespace", s_true);
        foreach (var mount in config.Mounts ?? [])
        {
            if (mount.Source is { } source)
                Ask("mount", "host path to mount", [source]);
        }

        foreach (var device in config.Linux.Devices ?? [])
        {
            if (device.Path is { } path)
                Ask("device", "host device to access", [path]);
        }

        if (config.Linux.AllowAllDevices)
            Ask("allow-all-devices", "allow 'rwm' access to all devices", s_true);
        if (config.Linux.Capabilities is { Count: > 0 } capabilities)
            Ask("capabilities", "list of additional capabilities required", capabilities);
        return asked;

        void Ask(string name, string description, IReadOnlyList<string> value) => asked.Add(new PluginPrivilege { Name = name, Description = description, Value = value });
    }

    /// <summary>True if exactly what is asked for was granted, in whatever order: less would not do, and more was granted to something else.</summary>
    public static bool AreEqual(IReadOnlyList<PluginPrivilege> asked, IReadOnlyList<PluginPrivilege> granted)
    {
        ArgumentNullException.ThrowIfNull(asked);
        ArgumentNullException.ThrowIfNull(granted);
        return asked.Select(Text).Order(StringComparer.Ordinal).SequenceEqual(granted.Select(Text).Order(StringComparer.Ordinal));

        // Lengths first: no value can look like two.
        static string Text(PluginPrivilege privilege) => string.Concat(privilege.Value.Select(value => value ?? "").Order(StringComparer.Ordinal).Prepend(privilege.Name).Select(part => $"{part.Length}:{part}"));
    }
}
