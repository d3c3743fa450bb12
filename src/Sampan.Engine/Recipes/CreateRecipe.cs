using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Containers.Files;
using Sampan.Engine.Containers.Mounts;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Logs.Drivers;
using Sampan.Engine.Plugins;
using Sampan.Engine.Specs;
using Sampan.Runtime.Observation;
using Sampan.Storage.Images;
using Sampan.Storage.Trees;
using Sampan.Storage.Volumes;

namespace Sampan.Engine.Recipes;

/// <summary>
/// Creates a container:
/// (1) validate, collecting every problem
/// (2) resolve the image and fill in what it says
/// (3) reserve the name
/// (4) prepare the snapshot
/// (5) create volumes and the working directory, fill empty volumes from the image
/// (6) store the record
/// (7) publish.
/// An <see cref="Undo"/> stack holds the inverse of 3 to 6; it is released at 7.
/// </summary>
internal sealed class CreateRecipe(EngineParts parts)
{
    /// <summary>Does it.</summary>
    public async Task<ContainerCreated> RunAsync(ContainerSpec wish, string? name, CancellationToken ct)
    {
        // (1)
        wish = wish with
        {
            Log = LogDrivers.Merge(wish.Log, parts.Options.DefaultLogDriver, parts.Options.DefaultLogOptions),
            Security = wish.Security with { NoNewPrivileges = parts.Options.NoNewPrivileges },
        };
        PluginDrivers.Refuse(parts, wish.Log.Driver, "log");
        SpecCheck.Verify(wish, parts.KnownCapabilities, parts.Options.SystemdCgroups, RealTime(wish));
        CheckUsers(wish);
        CheckRuntime(wish.Runtime);
        CheckNetwork(wish);
        CheckLinks(wish.Network);
        CheckOthers(wish.Namespaces);

        // (2)
        var image = FindImage(wish);
        var spec = ImageMerge.Apply(wish, image.Config.Config);
        SpecCheck.VerifyMerged(spec);

        await using var undo = parts.NewUndo("create");
        var ahead = parts.Ahead?.Take();
        if (ahead is not null)
            undo.Push("take what was made ahead", () => parts.Ahead?.GiveBack(ahead));
        var id = ahead ?? ContainerName.NewId();

        // (3)
        var taken = Reserve(name, id);
        undo.Push("reserve name", () => parts.Registry.Release(taken));
        DaemonFailPoint.Reach("create.name-reserved");
        using var creating = parts.Registry.Creating(id, image.Id.ToString());
        // Given back before anything is undone: what is undone may be a volume.
        using var volumes = parts.Volumes.Lease(new VolumeMaker(id, MakingIn(id)));

        // (4)
        undo.Push("prepare snapshot", () => parts.Snapshots.Remove(id));
        await Translate.RunAsync(() => parts.Snapshots.PrepareAsync(id, image, RootSize.Of(spec.StorageOptions), ct));
        DaemonFailPoint.Reach("create.snapshot-prepared");
        // Its directory lists the volumes that are made for it: it goes after them.
        undo.Push("make directory, store record", () => parts.Records.Remove(id));

        // (5)
        var known = spec.Binds.Count + spec.Mounts.Count + spec.AnonymousVolumes.Count == 0 ? [] : parts.Volumes.List().Select(volume => volume.Name).ToHashSet(StringComparer.Ordinal);
        var mounts = await new MountResolver(volumes, parts.Registry, undo, ct).ResolveAsync(spec);
        mounts = await ImageMounts.PrepareAsync(parts, id, mounts, undo, ct);
        await FillAsync(id, spec, mounts, ct);
        DaemonFailPoint.Reach("create.volumes-made");

        // (6)
        var snapshot = Describe(id, taken, spec, image, mounts);
        // A container that goes with its process need not survive the machine, unless a volume that does would be taken for half-made without it.
        parts.Save(snapshot, durable: !spec.AutoRemove || mounts.Any(mount => mount is { VolumeName: { } made, Anonymous: false } && !known.Contains(made)));
        DaemonFailPoint.Reach("create.record-stored");
        parts.Registry.Add(new Container(snapshot));

        // (7)
        undo.Release();
        foreach (var volume in mounts.Where(mount => mount.VolumeName is { } made && !known.Contains(made)).DistinctBy(mount => mount.VolumeName))
            parts.Events.Publish("volume", "create", volume.VolumeName ?? "", new Dictionary<string, string> { ["driver"] = volume.Driver ?? "local" });
        parts.Publish(snapshot, "create");
        parts.Ahead?.Refill(spec.AutoRemove ? null : id);
        return new ContainerCreated(id, Warnings(spec));
    }

    // Looked for only if it is asked for.
    internal static bool RealTime(ContainerSpec spec) => (spec.Resources.CpuRealtimeRuntime ?? spec.Resources.CpuRealtimePeriod) is not null && HostCgroups.HasRealTimeGroups();

    // A daemon that dies before there is a record leaves this list, and the next one knows whose these volumes were.
    private Action<string> MakingIn(string id)
    {
        var names = new List<string>();
        return name =>
        {
            names.Add(name);
            ContainerFiles.Write(Path.Combine(parts.Records.Prepare(id), Recovery.MakingFile), string.Join('\n', names));
        };
    }

    private ImageRecord FindImage(ContainerSpec wish)
    {
        var image = Translate.Run(() => parts.Images.Find(wish.Image)) ?? throw Images.ImageOperations.Unknown(wish.Image);
        if (wish.Platform is not { Length: > 0 } text)
            return image;
        if (!Oci.Images.Platform.TryParse(text, out var platform))
            throw EngineException.Invalid($"invalid platform '{text}': expected os[/architecture[/variant]]");
        return Translate.Run(() => parts.Images.Find(wish.Image, platform))
            ?? throw EngineException.NotFound($"image with reference {wish.Image} was found but does not provide the specified platform ({platform})");
    }

    private void CheckUsers(ContainerSpec wish)
    {
        if (parts.UsersOf(wish) is null)
            return;
        var problems = Users.MappedUsers.Problems(wish).ToList();
        if (problems.Count > 0)
            throw EngineException.Invalid(string.Join("; ", problems));
        if ((wish.Runtime ?? parts.Options.DefaultRuntime) is not EngineOptions.OwnRuntime and var other)
            throw EngineException.NotSupported($"runtime '{other}' is not supported for containers whose users are mapped (userns-remap): use --userns host, or {EngineOptions.OwnRuntime}");
        if (wish.Namespaces.Ipc?.StartsWith("container:", StringComparison.Ordinal) == true)
            throw EngineException.NotSupported($"IPC mode '{wish.Namespaces.Ipc}' is not supported for containers whose users are mapped (userns-remap): use --userns host, or a volume in memory for both");
    }

    private void CheckRuntime(string? name)
    {
        if (name is not (null or EngineOptions.OwnRuntime) && !parts.Options.Runtimes.ContainsKey(name))
            throw EngineException.Invalid($"unknown or invalid runtime name: {name}: known are {string.Join(", ", parts.Options.Runtimes.Keys.Append(EngineOptions.OwnRuntime).Order(StringComparer.Ordinal))}");
        if (parts.Options.SystemdCgroups && (name ?? parts.Options.DefaultRuntime) != EngineOptions.OwnRuntime)
            throw EngineException.NotSupported($"runtime '{name ?? parts.Options.DefaultRuntime}' with native.cgroupdriver=systemd is not supported: use cgroupfs");
    }

    /// <summary>
    /// Only the wish's own sense: whether the network, or the container whose network is to be shared, exists is the start's
    /// question. An answer 404 to a create means to docker's client that the image is missing, and it would pull it.
    /// </summary>
    // A bad request, not a missing thing: docker's client takes 404 for a missing image.
    private void CheckOthers(NamespaceWish wish)
    {
        const string Container = "container:";
        foreach (var mode in new[] { wish.Pid, wish.Ipc })
        {
            if (mode?.StartsWith(Container, StringComparison.Ordinal) == true && !parts.Registry.TryFind(mode[Container.Length..], out _))
                throw EngineException.Invalid($"No such container: {mode[Container.Length..]}");
        }
    }

    private void CheckLinks(NetworkWish wish)
    {
        if (!parts.Options.InterContainer && wish.Links.Count > 0 && ContainerNetwork.NameOf(wish) == "bridge")
            throw EngineException.NotSupported("links are not supported on the default bridge, whose containers cannot reach each other ('icc' of the daemon is false): put both containers on a network of their own");
        foreach (var (name, _) in wish.Links.Select(LinkName.Parse))
        {
            if (!parts.Registry.TryFind(name, out _))
                throw EngineException.Invalid($"could not get container for {name}: No such container: {name}");
        }
    }

    private static void CheckNetwork(ContainerSpec wish)
    {
        if (ContainerNetwork.NameOf(wish.Network) is not { } first)
            return;
        if (wish.Network.Endpoints.Keys.FirstOrDefault(e => e != first && (first is "host" or "none" || e is "host" or "none")) is { } other)
            throw EngineException.Invalid($"conflicting options: cannot attach both '{first}' and '{other}': 'host' and 'none' stand alone");
        if (wish.Network.Endpoints.FirstOrDefault(e => e.Key is "bridge" or "host" or "none" && e.Value.Aliases.Count > 0) is { Key: { } predefined })
            throw EngineException.Invalid($"network-scoped aliases are only supported for user-defined networks, not for '{predefined}'");
        if (wish.Network.Endpoints.FirstOrDefault(e => e.Key is "bridge" or "default" or "host" or "none" && e.Value.HasAddress) is { Key: { } withAddress })
            throw EngineException.Invalid($"invalid config for network {withAddress}: user specified IP address is supported on user-defined networks only");
    }

    private string Reserve(string? name, string id)
    {
        if (string.IsNullOrEmpty(name))
            return parts.Registry.ReserveGenerated(id);
        var bare = ContainerName.Check(name);
        parts.Registry.Reserve(bare, id);
        return bare;
    }

    // Docker fills an empty volume with what the image has at its place, owner and mode included, so that a database finds its directory.
    private async Task FillAsync(string id, ContainerSpec spec, IReadOnlyList<MountPoint> mounts, CancellationToken ct)
    {
        // Mounted, if they have to be, only for as long as this takes: its undo stack is never released.
        await using var use = parts.NewUndo("fill volumes");
        mounts = await VolumeUse.AcquireAsync(parts, mounts, "create-" + id, use, ct);
        Fill(id, spec, mounts);
    }

    private void Fill(string id, ContainerSpec spec, IReadOnlyList<MountPoint> mounts)
    {
        var empty = mounts.Where(m => m is { Kind: MountKind.Volume, CopyUp: true, IdMap: null } && !Directory.EnumerateFileSystemEntries(m.Source).Any()).ToList();
        // Seen through a map, a directory of root's may belong to nobody: an empty volume belongs to whom the map means.
        foreach (var mount in mounts)
        {
            if (mount is { Kind: MountKind.Volume, IdMap: { } map } && !Directory.EnumerateFileSystemEntries(mount.Source).Any())
                Translate.Run(() => VolumeStore.SetOwner(mount.Source, IdMapSpec.FileOwner(map.Users), IdMapSpec.FileOwner(map.Groups)));
        }

        var workdir = spec.WorkingDirectory is { } directory && directory != "/" && !mounts.Any(m => directory == m.Destination || directory.StartsWith(m.Destination + "/", StringComparison.Ordinal)) ? directory : null;
        if (empty.Count == 0 && workdir is null)
            return;
        var users = parts.UsersOf(spec);
        Translate.Run(() =>
        {
            using var view = parts.Snapshots.OpenView(id);
            foreach (var mount in empty)
            {
                view.CopyTo(mount.Destination, mount.Source, users is not null && !users.Maps(mount, parts.Volumes) ? new OwnerMap(users.Map.Users, users.Map.Groups) : null);
                // Whoever said whose the volume is means it, whatever the image has there.
                if (mount.VolumeName is { } name)
                    parts.Volumes.RestoreOwner(name);
            }

            if (workdir is not null && !view.DirectoryExists(workdir))
                view.CreateDirectories(workdir, 0, 0);
        });
    }

    private ContainerSnapshot Describe(string id, string name, ContainerSpec spec, ImageRecord image, IReadOnlyList<MountPoint> mounts)
    {
        var directory = parts.Records.DirectoryOf(id);
        var hostname = spec.Hostname is { Length: > 0 } given ? given : HostNameFor(id, spec);
        return new ContainerSnapshot
        {
            Id = id,
            Name = name,
            Created = parts.Time.GetUtcNow(),
            ImageId = image.Id.ToString(),
            Spec = spec with { Runtime = spec.Runtime ?? parts.Options.DefaultRuntime, Hostname = hostname, Network = ContainerNetwork.Named(spec.Network, parts.Network.Networks) },
            State = new ContainerState.Created(),
            Mounts = mounts,
            Endpoints = ContainerNetwork.Places(spec.Network, parts.Network.Networks),
            Directory = directory,
            LogPath = LogDrivers.NameOf(spec.Log) == LogDrivers.None ? null : Path.Combine(directory, $"{id}-json.log"),
            Driver = parts.Snapshots.Driver,
            Platform = image.Config.Os,
        };
    }

    private string HostNameFor(string id, ContainerSpec spec)
    {
        if (ContainerNetwork.SharedWith(spec.Network) is { } other)
            return (parts.Registry.TryFind(other, out var owner) ? owner.Current.Spec.Hostname : null) ?? id[..12];
        return spec.Network.Mode == "host" || spec.Namespaces.Uts == "host" ? Environment.MachineName : id[..12];
    }

    private List<string> Warnings(ContainerSpec spec)
    {
        var warnings = new List<string>();
        var grant = CapabilityGrant.Decide(spec.Security, parts.KnownCapabilities, parts.GrantableCapabilities);
        if (grant.Missing.Count > 0)
            warnings.Add($"this machine cannot grant {string.Join(", ", grant.Missing)}: the container runs without");
        if (spec.Resources is { OomKillDisable: true, Memory: null })
            warnings.Add("OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.");
        if (spec.Resources.CpuRealtimeRuntime is > 0 && parts.Options.CpuRealtimeRuntime is null)
            warnings.Add("the daemon gives containers no time for real-time tasks (cpu-rt-runtime): the container starts only if its cgroup parent was given some");
        if (spec.ShmSize is not null && spec.Namespaces.Ipc is { } ipc && (ipc is "host" or "none" || ipc.StartsWith("container:", StringComparison.Ordinal)))
            warnings.Add($"The size of /dev/shm is discarded when using {ipc} ipc mode");
        if (spec.Network.Mode is "host" or "none" && (spec.PublishedPorts.Count > 0 || spec.PublishAllPorts))
            warnings.Add($"Published ports are discarded when using {spec.Network.Mode} network mode");
        return warnings;
    }
}
