using Sampan.DockerApi.Containers;
using Sampan.Engine.Containers;

namespace Sampan.Server.Docker.Containers;

internal static partial class ContainerRequestMapper
{
    private static void MapBinds(HostConfig host, List<BindSpec> binds, List<string> volumes, Problems problems)
    {
        foreach (var text in host.Binds ?? [])
        {
            // A path alone is an anonymous volume, as in Config.Volumes.
            if (text.StartsWith('/') && !text.Contains(':', StringComparison.Ordinal))
                volumes.Add(text);
            else if (problems.Try(() => BindSpec.Parse(text)) is { } bind)
                binds.Add(bind);
        }
    }

    private static List<MountSpec> MapMounts(HostConfig host, Problems problems)
    {
        var mounts = new List<MountSpec>();
        foreach (var mount in host.Mounts ?? [])
        {
            if (MapMount(mount, problems) is { } mapped)
                mounts.Add(mapped);
        }

        return mounts;
    }

    private static MountSpec? MapMount(MountRequest mount, Problems problems)
    {
        MountKind? kind = mount.Type switch { "bind" => MountKind.Bind, "volume" => MountKind.Volume, "tmpfs" => MountKind.Tmpfs, _ => null };
        if (kind is null)
        {
            if (mount.Type.Length == 0)
                problems.Invalid($"invalid mount config for '{mount.Target}': mount type unknown: ''");
            else
                problems.Unsupported($"HostConfig.Mounts.Type: {mount.Type}");
            return null;
        }

        var before = $"invalid mount config for type \"{mount.Type}\"";
        if (mount.Target.Length == 0)
            problems.Invalid($"{before}: field Target must not be empty");
        else if (!mount.Target.StartsWith('/'))
            problems.Invalid($"{before}: invalid mount path: '{mount.Target}' mount path must be absolute");
        else if (mount.Target.Trim('/').Length == 0)
            problems.Invalid($"{before}: invalid specification: destination can't be '/'");
        if (kind == MountKind.Bind && string.IsNullOrEmpty(mount.Source))
            problems.Invalid($"{before}: field Source must not be empty");
        else if (kind == MountKind.Bind && mount.Source is { } path && !path.StartsWith('/'))
            problems.Invalid($"{before}: invalid mount path: '{path}' mount path must be absolute");
        if (kind == MountKind.Tmpfs && !string.IsNullOrEmpty(mount.Source))
            problems.Invalid($"{before}: field Source must not be specified");
        Stray(mount.BindOptions, "BindOptions", MountKind.Bind);
        Stray(mount.VolumeOptions, "VolumeOptions", MountKind.Volume);
        Stray(mount.TmpfsOptions, "TmpfsOptions", MountKind.Tmpfs);
        problems.Unsupported("HostConfig.Mounts.ImageOptions", mount.ImageOptions is not null);
        problems.Unsupported("HostConfig.Mounts.BindOptions.ReadOnlyNonRecursive", mount.BindOptions?.ReadOnlyNonRecursive == true);
        problems.Unsupported("HostConfig.Mounts.BindOptions.ReadOnlyForceRecursive", mount.BindOptions?.ReadOnlyForceRecursive == true);
        problems.Unsupported("HostConfig.Mounts.TmpfsOptions.Options", mount.TmpfsOptions?.Options is { Count: > 0 });
        var driver = mount.VolumeOptions?.DriverConfig;
        problems.Unsupported($"HostConfig.Mounts.VolumeOptions.DriverConfig: {driver?.Name}", driver?.Name is not (null or "" or "local"));
        problems.Unsupported("HostConfig.Mounts.VolumeOptions.DriverConfig.Options", driver?.Options is { Count: > 0 });

        return new MountSpec
        {
            Kind = kind.Value,
            Target = mount.Target,
            Source = Given(mount.Source),
            ReadOnly = mount.ReadOnly,
            Propagation = Given(mount.BindOptions?.Propagation),
            NonRecursive = mount.BindOptions?.NonRecursive ?? false,
            CreateSource = mount.BindOptions?.CreateMountpoint ?? false,
            NoCopy = mount.VolumeOptions?.NoCopy ?? false,
            VolumeLabels = mount.VolumeOptions?.Labels ?? new Dictionary<string, string>(),
            VolumeSubpath = Given(mount.VolumeOptions?.Subpath),
            TmpfsSize = mount.TmpfsOptions?.SizeBytes is > 0 and var size ? size : null,
            TmpfsMode = mount.TmpfsOptions?.Mode is > 0 and var mode ? mode : null,
        };

        void Stray(object? options, string name, MountKind belongs)
        {
            if (options is not null && kind != belongs)
                problems.Invalid($"{before}: field {name} must not be specified");
        }
    }
}
