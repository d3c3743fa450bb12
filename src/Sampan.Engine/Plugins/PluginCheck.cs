using Sampan.Oci.Plugins;

namespace Sampan.Engine.Plugins;

/// <summary>Refuses configurations of plugins that mean nothing, or that reach for what no privilege names.</summary>
internal static class PluginCheck
{
    private const int MaxItems = 1000;

    /// <summary>Collects every problem.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: there are some.</exception>
    public static void Verify(PluginConfig config, IReadOnlyList<string> knownCapabilities)
    {
        var problems = new List<string>();
        if (HasNulls(config) || new[] { config.Mounts?.Count, config.Env?.Count, config.Linux.Devices?.Count, config.Linux.Capabilities?.Count, config.Interface.Types?.Count }.Any(count => count > MaxItems))
            throw EngineException.Invalid($"invalid plugin config: a list in it has null for an entry, or more than {MaxItems} entries");
        if (config.Entrypoint is not { Count: > 0 } || config.Entrypoint[0].Length == 0)
            problems.Add("'entrypoint' names no program");
        if (config.Interface.Types is not { Count: > 0 })
            problems.Add("'interface.types' says nothing that the plugin does");
        // It becomes part of paths.
        if (config.Interface.Socket is not { Length: > 0 and <= 64 } socket || socket[0] is '.' or '-' || !socket.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-'))
            problems.Add($"'interface.socket' is '{config.Interface.Socket}': expected a file name of at most 64 letters, digits, '_', '.' and '-'");
        if (config.Interface.ProtocolScheme is not (null or "" or "moby.plugins.http/v1"))
            problems.Add($"'interface.protocolscheme' is '{config.Interface.ProtocolScheme}': only moby.plugins.http/v1 is supported");
        if (config.Network.Type is not ("" or "host" or "none" or "bridge" or "null"))
            problems.Add($"'network.type' is '{config.Network.Type}': expected host, none or bridge");
        if (config.WorkDir.Length > 0 && !IsPlace(config.WorkDir))
            problems.Add($"'workdir' is '{config.WorkDir}': expected an absolute path without '..'");
        if (config.PropagatedMount.Length > 0 && (!IsPlace(config.PropagatedMount) || config.PropagatedMount.Trim('/').Length == 0))
            problems.Add($"'propagatedMount' is '{config.PropagatedMount}': expected an absolute path below / without '..'");
        CheckMounts(config.Mounts ?? [], problems);
        foreach (var device in config.Linux.Devices ?? [])
        {
            if (device.Path is { } path && !IsDevice(path))
                problems.Add($"device '{device.Name}' has the path '{path}': expected one below /dev without '..'");
        }

        foreach (var capability in config.Linux.Capabilities ?? [])
        {
            if (!knownCapabilities.Contains(Specs.CapabilityGrant.Normalise(capability)))
                problems.Add($"'linux.capabilities' names '{capability}', which is none");
        }

        foreach (var variable in config.Env ?? [])
        {
            if (variable.Name.Length == 0 || variable.Name.Contains('=') || HasZero(variable.Name) || HasZero(variable.Value))
                problems.Add($"'env' names a variable '{variable.Name}', which cannot be one");
        }

        if ((config.Entrypoint ?? []).Concat(config.Args.Value ?? []).Any(HasZero))
            problems.Add("an argument has a zero byte");
        var named = (config.Env ?? []).Select(env => env.Name).Concat((config.Mounts ?? []).Select(mount => mount.Name)).Concat((config.Linux.Devices ?? []).Select(device => device.Name)).Append(config.Args.Name).Where(name => name.Length > 0);
        if (named.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { Key: { } twice })
            problems.Add($"two settings have the name '{twice}'");
        if (problems.Count > 0)
            throw EngineException.Invalid($"invalid plugin config: {string.Join("; ", problems)}");
    }

    /// <summary>True for an absolute path that leads nowhere else.</summary>
    /// <remarks>Without control characters: it is shown on terminals, to be granted.</remarks>
    public static bool IsPlace(string path) => path is ['/', ..] && !path.Any(char.IsControl) && !path.Split('/').Contains("..");

    /// <summary>True for the path of a device node.</summary>
    public static bool IsDevice(string path) => IsPlace(path) && path.StartsWith("/dev/", StringComparison.Ordinal);

    private static void CheckMounts(IReadOnlyList<PluginMount> mounts, List<string> problems)
    {
        foreach (var mount in mounts)
        {
            if (!IsPlace(mount.Destination) || mount.Destination.Trim('/').Length == 0)
                problems.Add($"mount '{mount.Name}' has the destination '{mount.Destination}': expected an absolute path below / without '..'");
            // Of a mount the user is shown the source. A file system with other options is more than that: an overlay of the host's directories, a proc that nothing masks.
            var isBind = mount.Type is "bind" or "";
            if (!isBind && mount.Type != "tmpfs")
                problems.Add($"mount '{mount.Name}' has the type '{mount.Type}': expected bind or tmpfs");
            if (isBind && mount.Source is { Length: > 0 } source && !IsPlace(source))
                problems.Add($"mount '{mount.Name}' has the source '{source}': expected an absolute path of the host without '..'");
            // Words of this engine's own would reach namespaces of others.
            if ((mount.Options ?? []).FirstOrDefault(option => option.StartsWith("x-", StringComparison.Ordinal) || HasZero(option)) is { } own)
                problems.Add($"mount '{mount.Name}' has the option '{own}', which is none");
            if ((mount.Options ?? []).FirstOrDefault(option => option == "remount" || (!isBind && option is "bind" or "rbind")) is { } other)
                problems.Add($"mount '{mount.Name}' has the option '{other}', which makes it another mount than it says");
        }
    }

    private static bool HasZero(string? text) => text?.Contains('\0') == true;

    private static bool HasNulls(PluginConfig config) =>
        Has(config.Mounts) || Has(config.Env) || Has(config.Linux.Devices) || Has(config.Linux.Capabilities) || Has(config.Interface.Types) || Has(config.Entrypoint) || Has(config.Args.Value) || Has(config.Args.Settable)
        || (config.Mounts ?? []).Any(mount => Has(mount.Options) || Has(mount.Settable)) || (config.Env ?? []).Any(env => Has(env.Settable)) || (config.Linux.Devices ?? []).Any(device => Has(device.Settable));

    private static bool Has<T>(IReadOnlyList<T>? list)
        where T : class
        => list?.Any(item => item is null) == true;
}
