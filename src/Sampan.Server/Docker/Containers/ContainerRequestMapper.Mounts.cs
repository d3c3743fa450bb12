using Sampan.DockerApi.Containers;
using Sampan.Engine.Containers.Mounts;

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
        MountKind? kind = mount.Type switch { "bind" => MountKind.Bind, "volume" => MountKind.Volume, "tmpfs" => MountKind.Tmpfs, "image" => MountKind.Image, _ => null };
        if (kind is null)
        {
            // Pipes are Windows', cluster volumes a swarm's.
            if (mount.Type is "npipe" or "cluster")
                problems.Unsupported($"HostConfig.Mounts.Type: {mount.Type}");
            else
                problems.Invalid($"invalid mount config for type \"{mount.Type}\": mount type unknown");
            return null;
        }

        var before = $"invalid mount config for type \"{mount.Type}\"";
        if (mount.Target.Length == 0)
            problems.Invalid($"{before}: field Target must not be empty");
        else if (!mount.Target.StartsWith('/'))
            problems.Invalid($"{before}: invalid mount path: '{mount.Target}' mount path must be absolute");
        else if (!mount.Target.Contains('\0', StringComparison.Ordinal) && Path.GetFullPath(mount.Target).Trim('/').Length == 0)
            problems.Invalid($"{before}: invalid specification: destination can't be '/'");
        if (kind is MountKind.Bind or MountKind.Image && string.IsNullOrEmpty(mount.Source))
            problems.Invalid($"{before}: field Source must not be empty");
        else if (kind == MountKind.Bind && mount.Source is { } path && !path.StartsWith('/'))
            problems.Invalid($"{before}: invalid mount path: '{path}' mount path must be absolute");
        if (kind == MountKind.Volume && mount.ReadOnly && string.IsNullOrEmpty(mount.Source))
            problems.Invalid($"{before}: must not set ReadOnly mode when using anonymous volumes");
        if (kind == MountKind.Volume && mount.VolumeOptions?.Subpath is { Length: > 0 } && string.IsNullOrEmpty(mount.Source))
            problems.Invalid($"{before}: must not set Subpath when using anonymous volumes");
        if (kind == MountKind.Tmpfs && !string.IsNullOrEmpty(mount.Source))
            problems.Invalid($"{before}: field Source must not be specified");
        Stray(mount.BindOptions, "BindOptions", MountKind.Bind);
        Stray(mount.VolumeOptions, "VolumeOptions", MountKind.Volume);
        Stray(mount.TmpfsOptions, "TmpfsOptions", MountKind.Tmpfs);
        Stray(mount.ImageOptions, "ImageOptions", MountKind.Image);
        var bind = mount.BindOptions;
        if (bind?.Propagation is { Length: > 0 } propagation && !BindSpec.IsPropagation(propagation))
            problems.Invalid($"{before}: invalid propagation mode: {propagation}");
        if ((bind?.ReadOnlyNonRecursive == true || bind?.ReadOnlyForceRecursive == true) && !mount.ReadOnly)
            problems.Invalid($"{before}: fields ReadOnlyNonRecursive and ReadOnlyForceRecursive need ReadOnly");
        if (bind is { ReadOnlyNonRecursive: true, ReadOnlyForceRecursive: true })
            problems.Invalid($"{before}: fields ReadOnlyNonRecursive and ReadOnlyForceRecursive contradict each other");
        if (bind is { ReadOnlyForceRecursive: true } && (bind.NonRecursive || bind.Propagation is not (null or "" or "rprivate")))
            problems.Invalid($"{before}: field ReadOnlyForceRecursive needs a recursive bind whose propagation is rprivate");
        if (mount.IdMap is { Length: > 0 } && kind is not (MountKind.Bind or MountKind.Volume))
            problems.Invalid($"{before}: field IdMap is for binds and volumes");

        return new MountSpec
        {
            Kind = kind.Value,
            Target = mount.Target,
            Source = Given(mount.Source),
            ReadOnly = mount.ReadOnly,
            Consistency = Given(mount.Consistency),
            Propagation = Given(mount.BindOptions?.Propagation),
            NonRecursive = mount.BindOptions?.NonRecursive ?? false,
            CreateSource = mount.BindOptions?.CreateMountpoint ?? false,
            NoCopy = mount.VolumeOptions?.NoCopy ?? false,
            VolumeLabels = mount.VolumeOptions?.Labels ?? new Dictionary<string, string>(),
            ReadOnlyNonRecursive = bind?.ReadOnlyNonRecursive ?? false,
            ReadOnlyForceRecursive = bind?.ReadOnlyForceRecursive ?? false,
            IdMap = Given(mount.IdMap) is { } map ? problems.Try(() => IdMapSpec.Parse(map)) : null,
            VolumeDriver = Given(mount.VolumeOptions?.DriverConfig?.Name),
            VolumeOptions = mount.VolumeOptions?.DriverConfig?.Options ?? new Dictionary<string, string>(),
            Subpath = Given(mount.VolumeOptions?.Subpath ?? mount.ImageOptions?.Subpath),
            TmpfsOptions = [.. mount.TmpfsOptions?.Options?.Select(option => string.Join('=', option)) ?? []],
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
