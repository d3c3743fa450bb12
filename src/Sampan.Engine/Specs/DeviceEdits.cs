using Sampan.Engine.Devices;
using Sampan.Oci.Runtime;

namespace Sampan.Engine.Specs;

/// <summary>Lays what CDI devices need over a specification: pure.</summary>
internal static class DeviceEdits
{
    /// <summary>Applies edits in order; what comes later replaces a variable, node or mount of the same name or place.</summary>
    /// <param name="spec">The container's.</param>
    /// <param name="edits">What the devices need.</param>
    /// <param name="nodes">The host's device nodes by path, for what the edits leave to the host.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: an edit asks for what there is not.</exception>
    public static RuntimeSpec Apply(RuntimeSpec spec, IReadOnlyList<CdiEdits> edits, Func<string, Device> nodes) =>
        edits.Aggregate(spec, (edited, one) => Apply(edited, one, nodes));

    private static RuntimeSpec Apply(RuntimeSpec spec, CdiEdits edits, Func<string, Device> nodes)
    {
        var process = spec.Process ?? new OciProcess();
        var linux = spec.Linux ?? new LinuxSection();
        var resources = linux.Resources ?? new Resources();
        var devices = edits.DeviceNodes.Select(node => (Node: node, Device: Describe(node, nodes))).ToList();
        return spec with
        {
            Process = process with
            {
                Env = [.. process.Env.Where(entry => !edits.Env.Any(e => NameOf(e) == NameOf(entry))), .. edits.Env],
                User = process.User with { AdditionalGids = [.. process.User.AdditionalGids.Union(edits.AdditionalGids.Where(gid => gid != 0))] },
            },
            Mounts = [.. spec.Mounts.Where(mount => !edits.Mounts.Any(m => m.ContainerPath == mount.Destination)), .. edits.Mounts.Select(Mount)],
            Hooks = edits.Hooks.Aggregate(spec.Hooks, With),
            Linux = linux with
            {
                Devices = [.. linux.Devices.Where(device => !devices.Exists(d => d.Device.Path == device.Path)), .. devices.Select(d => d.Device)],
                Resources = resources with { Devices = [.. resources.Devices, .. devices.Where(d => d.Device.Type is "c" or "b" or "u").Select(d => Allow(d.Device, d.Node.Permissions))] },
            },
        };
    }

    private static Device Describe(CdiDeviceNode node, Func<string, Device> nodes)
    {
        if (!node.Path.StartsWith('/') || node.Permissions is { } wrong && wrong.Any(c => c is not ('r' or 'w' or 'm')))
            throw EngineException.Invalid($"CDI device injection failed: invalid device node '{node.Path}' with permissions '{node.Permissions}'");
        var told = node is { Type: not null, Major: not null, Minor: not null } || node.Type == "p";
        var host = told ? new Device() : nodes(node.HostPath ?? node.Path);
        return new Device
        {
            Path = node.Path,
            Type = node.Type ?? host.Type,
            Major = node.Major ?? host.Major,
            Minor = node.Minor ?? host.Minor,
            FileMode = node.FileMode ?? host.FileMode,
            Uid = node.Uid ?? host.Uid,
            Gid = node.Gid ?? host.Gid,
        };
    }

    private static DeviceRule Allow(Device device, string? permissions) =>
        new() { Allow = true, Type = device.Type == "u" ? "c" : device.Type, Major = device.Major, Minor = device.Minor, Access = string.IsNullOrEmpty(permissions) ? "rwm" : permissions };

    private static Mount Mount(CdiMount mount) => new()
    {
        Destination = mount.ContainerPath,
        Source = mount.HostPath,
        Type = string.IsNullOrEmpty(mount.Type) ? "bind" : mount.Type,
        Options = string.IsNullOrEmpty(mount.Type) && !mount.Options.Any(o => o is "bind" or "rbind") ? ["rbind", .. mount.Options] : mount.Options,
    };

    private static Hooks With(Hooks? hooks, CdiHook hook)
    {
        var all = hooks ?? new Hooks();
        var added = new Hook { Path = hook.Path, Args = hook.Args, Env = hook.Env, Timeout = hook.Timeout };
        return hook.HookName switch
        {
            "prestart" => all with { Prestart = [.. all.Prestart, added] },
            "createRuntime" => all with { CreateRuntime = [.. all.CreateRuntime, added] },
            "createContainer" => all with { CreateContainer = [.. all.CreateContainer, added] },
            "startContainer" => all with { StartContainer = [.. all.StartContainer, added] },
            "poststart" => all with { Poststart = [.. all.Poststart, added] },
            "poststop" => all with { Poststop = [.. all.Poststop, added] },
            _ => throw EngineException.Invalid($"CDI device injection failed: unknown hook '{hook.HookName}'"),
        };
    }

    private static string NameOf(string entry) => entry.Split('=', 2)[0];
}
