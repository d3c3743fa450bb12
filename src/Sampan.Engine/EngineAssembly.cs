using System.Net;
using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Files;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Events;
using Sampan.Engine.Networks;
using Sampan.Engine.Recipes;
using Sampan.Engine.Supervision;
using Sampan.Engine.Users;
using Sampan.Network;
using Sampan.Runtime;
using Sampan.Runtime.Observation;
using Sampan.Storage.Distribution;
using Sampan.Storage.Images;
using Sampan.Storage.Records;
using Sampan.Storage.Snapshots;
using Sampan.Storage.Volumes;
using Sampan.Storage.Volumes.Plugins;

namespace Sampan.Engine;

/// <summary>Puts the engine's parts together, in the order in which they depend on each other.</summary>
internal static class EngineAssembly
{
    private const int ContainerSchema = 1;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The parts on real roots.</summary>
    public static async Task<EngineParts> BuildAsync(EngineOptions options, TimeProvider time, Action<EngineNotice> notices, CancellationToken ct)
    {
        Require(options);
        Directory.CreateDirectory(options.DataRoot, OwnerOnly);
        Directory.CreateDirectory(options.ExecRoot, OwnerOnly);
        Directory.CreateDirectory(Path.Combine(options.ExecRoot, "containers"), OwnerOnly);
        List<FileStream> locks = [await LockAsync(options.DataRoot, "data", time, ct)];
        if (options.ExecRoot != options.DataRoot)
            locks.Add(await LockAsync(options.ExecRoot, "exec", time, ct));
        if (!locks[0].CanWrite)
            notices(new EngineNotice(NoticeLevel.Warning, $"data root '{options.DataRoot}' is on a read-only disk: containers run on and all can be read, nothing can be changed"));
        var removed = new RemovedTrees((path, failure) => notices(new EngineNotice(NoticeLevel.Error, $"cannot remove '{path}', the next start of the daemon tries again: {failure.Message}", failure)));
        var images = Translate.Run(() => ImageStore.Open(options.DataRoot, time, removed: removed));
        foreach (var damaged in images.Damaged)
            notices(new EngineNotice(NoticeLevel.Error, damaged));
        if (images.UnpackedAgain > 0)
            notices(new EngineNotice(NoticeLevel.Warning, $"the unpacked layers of {images.UnpackedAgain} images were not whole, as after a power cut: they were unpacked again"));
        string? slow = null;
        var snapshots = Translate.Run(() => SnapshotterChoice.Open(images, out slow));
        if (slow is not null)
            notices(new EngineNotice(NoticeLevel.Warning, $"every container gets a whole copy of its image: {slow}"));
        var volumes = Translate.Run(() => VolumeStore.Open(options.DataRoot, time, PluginsOf(options)));
        var users = MappedUsers.Open(options);
        var service = await Translate.RunAsync(() => NetworkService.OpenAsync(NetworkOf(options) with { MakeMapped = users is null ? null : users.MakeNetwork, DropMapped = UserSpaces.Drop, Notices = text => notices(new EngineNotice(NoticeLevel.Warning, text)) }, time, ct));
        var parts = Build(options, time, notices, new RuntimeSupervisors(options.RuntimePath), images, snapshots, volumes, new KernelNetworks(service), removed) with
        {
            Locks = locks,
            Users = users,
            LayerFlush = new LayerFlush(images, time, failure => notices(new EngineNotice(NoticeLevel.Error, $"cannot flush the images' unpacked layers; after a power cut they would be unpacked again: {failure.Message}", failure))),
        };
        return parts with { Ahead = new ContainersAhead(parts.Records, parts.Snapshots, time, notices) };
    }

    /// <summary>What containers could not be started without is told at the start of the daemon.</summary>
    private static void Require(EngineOptions options)
    {
        if (options.CgroupParent is { } parent && SpecCheck.CgroupParentProblem(parent, options.SystemdCgroups) is { } problem)
            throw EngineException.Invalid(problem);
        if ((options.CpuRealtimeRuntime ?? options.CpuRealtimePeriod) is not null && (options.SystemdCgroups || !HostCgroups.HasRealTimeGroups()))
            throw EngineException.Invalid($"cpu-rt-runtime, cpu-rt-period: {SpecCheck.NoRealTime}");
        if (!options.SystemdCgroups)
            return;
        try
        {
            HostCgroups.RequireSystemd();
        }
        catch (RuntimeException failure)
        {
            throw EngineException.Invalid($"exec-opts: native.cgroupdriver=systemd is not possible here: {failure.Message}");
        }
    }

    /// <summary>The parts from given ones, as tests need it.</summary>
    public static EngineParts Build(EngineOptions options, TimeProvider time, Action<EngineNotice> notices, ISupervisors supervisors, ImageStore images, ISnapshotter snapshots, VolumeStore volumes, INetworks network, RemovedTrees removed) => new()
    {
        Options = options,
        Time = time,
        Events = new EventFeed(time),
        Notices = notices,
        Supervisors = supervisors,
        Images = images,
        Registries = new Registries(options.Registries, time),
        Snapshots = snapshots,
        Volumes = volumes,
        VolumeMounts = new VolumeMounts(volumes),
        Network = network,
        Removed = removed,
        Records = new RecordDirectory<ContainerSnapshot>(Path.Combine(options.DataRoot, "containers"), "container.json", ContainerSchema, EngineJson.Default.ContainerSnapshot, removed),
        KnownCapabilities = HostCapabilities.Known,
        GrantableCapabilities = HostCapabilities.Grantable(),
    };

    /// <summary>The engine's own id, made once per data root.</summary>
    public static string IdOf(string dataRoot)
    {
        var path = Path.Combine(dataRoot, "engine-id");
        if (File.Exists(path))
            return File.ReadAllText(path).Trim();
        var id = Guid.NewGuid().ToString();
        ContainerFiles.Write(path, id + "\n");
        return id;
    }

    private static async Task<FileStream> LockAsync(string root, string kind, TimeProvider time, CancellationToken ct) =>
        await SoleFile.TryOpenAsync(Path.Combine(root, "engine.lock"), time, ct)
        ?? throw EngineException.Conflict($"{kind} root '{root}' is already used by another daemon: stop that one or choose another --{kind}-root");

    // Sockets below the exec root are this daemon's own, those of Docker are there for every engine.
    private static VolumePluginOptions PluginsOf(EngineOptions options)
    {
        var usual = new VolumePluginOptions();
        return usual with { SocketDirectories = [Path.Combine(options.ExecRoot, "plugins"), .. usual.SocketDirectories] };
    }

    private static NetworkOptions NetworkOf(EngineOptions options) => new()
    {
        Bridge = options.Bridge,
        BridgeAddress = options.BridgeAddress,
        StateDirectory = Path.Combine(options.DataRoot, "network"),
        ExecDirectory = Path.Combine(options.ExecRoot, "netns"),
        Mtu = options.Mtu,
        IPv6 = options.IPv6,
        BridgeSubnet6 = options.BridgeSubnet6,
        PoolSize = options.NetworkPoolSize,
        InterContainer = options.InterContainer,
        HostPolicy = options.HostPolicy,
        Shortcut = options.NetworkShortcut,
        AddressPools = [.. options.AddressPools.Select(p => new PoolOptions(p.Base, p.Size))],
        DefaultBindAddress = IPAddress.TryParse(options.DefaultBindAddress, out var address)
            ? address
            : throw EngineException.Invalid($"invalid default bind address: '{options.DefaultBindAddress}'"),
    };
}
