using Sampan.DockerApi;
using Sampan.DockerApi.Containers;
using Sampan.DockerApi.Networks;
using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Containers.Mounts;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Specs;
using Sampan.Server.Http;
using ContainerState = Sampan.DockerApi.Containers.ContainerState;
using MountPoint = Sampan.DockerApi.Containers.MountPoint;
using RestartPolicy = Sampan.DockerApi.Containers.RestartPolicy;

namespace Sampan.Server.Docker.Containers;

/// <summary>Makes <c>docker inspect</c>'s words from what the engine knows.</summary>
internal static class ContainerInspectMapper
{
    private const long DefaultShmSize = 64L << 20;

    /// <summary>A container in full, in the newest version's shape.</summary>
    /// <param name="container">What the engine knows.</param>
    /// <param name="size">Bytes written and bytes in all; null: not asked for.</param>
    /// <param name="wantedAddress">Whether the hardware address that was asked for is told.</param>
    internal static ContainerInspect ToInspect(ContainerSnapshot container, (long Written, long Total)? size = null, bool wantedAddress = false)
    {
        var argv = container.Argv;
        return new ContainerInspect
        {
            Id = container.Id,
            Created = Timestamp.Write(container.Created),
            Path = argv.Count > 0 ? argv[0] : "",
            Args = [.. argv.Skip(1)],
            State = ToState(container),
            Image = container.ImageId,
            ResolvConfPath = container.ResolvConfPath,
            HostnamePath = container.HostnamePath,
            HostsPath = container.HostsPath,
            LogPath = container.Spec.Log.Driver is null or "" or "json-file" ? container.LogPath ?? "" : "",
            Name = "/" + container.Name,
            RestartCount = container.RestartCount,
            Driver = container.Driver,
            Platform = container.Platform.Split('/')[0],
            ExecIDs = container.ExecIds.Count == 0 ? null : container.ExecIds,
            HostConfig = ToHostConfig(container.Spec, container.Name),
            GraphDriver = new DriverData { Name = container.Driver },
            SizeRw = size?.Written,
            SizeRootFs = size?.Total,
            Mounts = ToMounts(container),
            Config = ToConfig(container) with { MacAddress = wantedAddress ? WantedAddress(container.Spec.Network) : null },
            NetworkSettings = new NetworkSettings
            {
                SandboxID = container.IsRunning ? container.Id : "",
                SandboxKey = "",
                Ports = PortMapper.ToPorts(container),
                Networks = ToNetworks(container),
            },
        };
    }

    /// <summary>Docker's state with its booleans.</summary>
    internal static ContainerState ToState(ContainerSnapshot container)
    {
        var word = StateWords.Of(container);
        var exit = StateWords.LastExit(container);
        var failure = (container.State as Engine.Containers.States.ContainerState.Created)?.Failure;
        var running = word is "running" or "paused" or "restarting";
        return new ContainerState
        {
            Status = word,
            Running = running,
            Paused = word == "paused",
            Restarting = word == "restarting",
            OOMKilled = !container.IsRunning && exit is { OomKilled: true },
            Dead = word == "dead",
            Pid = container.State.ProcessId ?? 0,
            ExitCode = container.IsRunning ? 0 : failure?.ExitCode ?? exit?.ExitCode ?? 0,
            Error = failure?.Message ?? (container.IsRunning ? "" : exit?.Error ?? (container.State as Engine.Containers.States.ContainerState.Dead)?.Reason ?? ""),
            StartedAt = Timestamp.Write(StateWords.StartedAt(container)),
            FinishedAt = Timestamp.Write(exit?.FinishedAt),
            Health = HealthMapper.ToState(container.Health),
        };
    }

    /// <summary>The mounts, ordered by where they appear; what <c>--tmpfs</c> asks for is the host configuration's alone.</summary>
    internal static IReadOnlyList<MountPoint> ToMounts(ContainerSnapshot container) =>
    [
        .. container.Mounts.Where(m => m.Kind != MountKind.Tmpfs || container.Spec.Mounts.Any(asked => Path.GetFullPath(asked.Target).TrimEnd('/') == m.Destination)).OrderBy(m => m.Destination, StringComparer.Ordinal).Select(m => new MountPoint
        {
            Type = m.Kind.ToString().ToLowerInvariant(),
            Name = m.VolumeName,
            Source = m.Source,
            Destination = m.Destination,
            Driver = m.Kind == MountKind.Volume ? m.Driver ?? "local" : null,
            Mode = m.Mode,
            RW = m.Writable,
            Propagation = m.Propagation,
        }),
    ];

    /// <summary>The endpoints by network name.</summary>
    internal static IReadOnlyDictionary<string, EndpointSettings?> ToNetworks(ContainerSnapshot container)
    {
        var networks = new Dictionary<string, EndpointSettings?>(StringComparer.Ordinal);
        foreach (var endpoint in container.Endpoints)
        {
            var wish = container.Spec.Network.Endpoints.GetValueOrDefault(endpoint.NetworkName);
            networks[endpoint.NetworkName] = new EndpointSettings
            {
                IPAMConfig = wish is null or { IPv4Address: null, IPv6Address: null, LinkLocalAddresses.Count: 0 } ? null
                    : new EndpointIpamConfig { IPv4Address = wish.IPv4Address, IPv6Address = wish.IPv6Address, LinkLocalIPs = wish.LinkLocalAddresses.Count == 0 ? null : wish.LinkLocalAddresses },
                Aliases = wish?.Aliases is { Count: > 0 } aliases ? aliases : null,
                Links = wish?.Links is { Count: > 0 } links ? links : null,
                GwPriority = wish?.GatewayPriority ?? 0,
                DNSNames = Names(container, endpoint, wish),
                DriverOpts = wish?.DriverOptions is { Count: > 0 } options ? options : null,
                MacAddress = endpoint.MacAddress ?? wish?.MacAddress ?? "",
                NetworkID = endpoint.NetworkId,
                EndpointID = endpoint.EndpointId,
                Gateway = endpoint.Gateway ?? "",
                IPAddress = endpoint.Address ?? "",
                IPPrefixLen = endpoint.Address is null ? 0 : endpoint.PrefixLength,
                IPv6Gateway = endpoint.Gateway6 ?? "",
                GlobalIPv6Address = endpoint.Address6 ?? "",
                GlobalIPv6PrefixLen = endpoint.Address6 is null ? 0 : endpoint.PrefixLength6,
            };
        }

        return networks;
    }

    // On the default bridge nobody answers for names.
    private static IReadOnlyList<string>? Names(ContainerSnapshot container, EndpointSnapshot endpoint, EndpointWish? wish) =>
        endpoint.NetworkName is "bridge" or "host" or "none" ? null
            : [.. new[] { container.Name }.Concat(wish?.Aliases ?? []).Append(container.Id[..12]).Append(container.Spec.Hostname ?? "").Where(n => n.Length > 0).Distinct(StringComparer.Ordinal)];

    private static string? WantedAddress(NetworkWish network) =>
        network.Endpoints.GetValueOrDefault(network.Mode is "default" ? "bridge" : network.Mode)?.MacAddress;

    private static ContainerConfig ToConfig(ContainerSnapshot container)
    {
        var spec = container.Spec;
        return new ContainerConfig
        {
            Hostname = spec.Hostname ?? (spec.Namespaces.Uts == "host" || spec.Network.Mode == "host" ? Environment.MachineName : container.Id[..12]),
            Domainname = spec.Domainname ?? "",
            User = spec.User ?? "",
            AttachStdin = spec.AttachStdin,
            AttachStdout = spec.AttachStdout,
            AttachStderr = spec.AttachStderr,
            ExposedPorts = spec.ExposedPorts.Count == 0 ? null : spec.ExposedPorts.Distinct().ToDictionary(p => p.ToString(), EmptyObject? (_) => new EmptyObject(), StringComparer.Ordinal),
            Tty = spec.Tty,
            OpenStdin = spec.OpenStdin,
            StdinOnce = spec.StdinOnce,
            Env = spec.Env,
            Cmd = spec.Command,
            Image = spec.Image,
            Volumes = spec.AnonymousVolumes.Count == 0 ? null : spec.AnonymousVolumes.Distinct(StringComparer.Ordinal).ToDictionary(v => v, EmptyObject? (_) => new EmptyObject(), StringComparer.Ordinal),
            WorkingDir = spec.WorkingDirectory ?? "",
            Entrypoint = spec.Entrypoint is { Count: > 0 } words ? words : null,
            NetworkDisabled = spec.Network.Disabled ? true : null,
            Labels = spec.Labels,
            Healthcheck = HealthMapper.ToConfig(spec.Healthcheck),
            StopSignal = spec.StopSignal,
            StopTimeout = spec.StopTimeout,
            Shell = spec.Shell,
            OnBuild = spec.OnBuild.Count == 0 ? null : spec.OnBuild,
        };
    }

    private static HostConfig ToHostConfig(ContainerSpec spec, string name) => ResourcesMapper.Fill(
        new HostConfig
        {
            Binds = spec.Binds.Count == 0 ? null : [.. spec.Binds.Select(b => b.ToString())],
            ContainerIDFile = spec.IdFile ?? "",
            StorageOpt = spec.StorageOptions.Count == 0 ? null : spec.StorageOptions,
            LogConfig = new LogConfig { Type = spec.Log.Driver ?? "json-file", Config = spec.Log.Options },
            NetworkMode = spec.Network.Mode == "default" ? "bridge" : spec.Network.Mode,
            PortBindings = PortMapper.ToBindings(spec.PublishedPorts),
            RestartPolicy = ToRestartPolicy(spec.Restart),
            AutoRemove = spec.AutoRemove,
            VolumeDriver = spec.VolumeDriver ?? "",
            VolumesFrom = spec.VolumesFrom.Count == 0 ? null : spec.VolumesFrom,
            ConsoleSize = [spec.ConsoleSize?.Rows ?? 0, spec.ConsoleSize?.Columns ?? 0],
            Annotations = spec.Annotations.Count == 0 ? null : spec.Annotations,
            CapAdd = spec.Security.CapAdd.Count == 0 ? null : spec.Security.CapAdd,
            CapDrop = spec.Security.CapDrop.Count == 0 ? null : spec.Security.CapDrop,
            CgroupnsMode = spec.Namespaces.Cgroup ?? "private",
            Links = spec.Network.Links.Count == 0 ? null : [.. spec.Network.Links.Select(LinkName.Parse).Select(l => $"/{l.Container}:/{name}/{l.Alias}")],
            Dns = spec.Network.Dns,
            DnsOptions = spec.Network.DnsOptions,
            DnsSearch = spec.Network.DnsSearch,
            ExtraHosts = spec.Network.ExtraHosts.Count == 0 ? null : spec.Network.ExtraHosts,
            GroupAdd = spec.GroupAdd.Count == 0 ? null : spec.GroupAdd,
            IpcMode = spec.Namespaces.Ipc ?? "private",
            PidMode = spec.Namespaces.Pid ?? "",
            Privileged = spec.Security.Privileged,
            PublishAllPorts = spec.PublishAllPorts,
            ReadonlyRootfs = spec.Security.ReadOnlyRootfs,
            SecurityOpt = spec.Security.Options.Count == 0 ? null : spec.Security.Options,
            Tmpfs = spec.Tmpfs.Count == 0 ? null : spec.Tmpfs,
            UTSMode = spec.Namespaces.Uts ?? "",
            UsernsMode = spec.Namespaces.User ?? "",
            ShmSize = spec.ShmSize ?? DefaultShmSize,
            Sysctls = spec.Sysctls.Count == 0 ? null : spec.Sysctls,
            Runtime = spec.Runtime ?? ContainerRequestMapper.RuntimeName,
            Mounts = spec.Mounts.Count == 0 ? null : [.. spec.Mounts.Select(ToMountRequest)],
            MaskedPaths = spec.Security.MaskedPaths ?? (spec.Security.Privileged ? null : SystemPaths.Masked),
            ReadonlyPaths = spec.Security.ReadonlyPaths ?? (spec.Security.Privileged ? null : SystemPaths.ReadOnly),
            Init = spec.Init,
        },
        spec.Resources);

    private static RestartPolicy ToRestartPolicy(Engine.Containers.Wishes.RestartPolicy policy) => new()
    {
        Name = policy.Kind switch
        {
            RestartKind.Always => "always",
            RestartKind.OnFailure => "on-failure",
            RestartKind.UnlessStopped => "unless-stopped",
            _ => "no",
        },
        MaximumRetryCount = policy.MaximumRetries,
    };

    private static MountRequest ToMountRequest(MountSpec mount) => new()
    {
        Type = mount.Kind.ToString().ToLowerInvariant(),
        Source = mount.Source,
        Target = mount.Target,
        ReadOnly = mount.ReadOnly,
        Consistency = mount.Consistency,
        IdMap = mount.IdMap?.ToString(),
        BindOptions = mount.Kind == MountKind.Bind && (mount.Propagation is not null || mount.NonRecursive || mount.CreateSource || mount.ReadOnlyNonRecursive || mount.ReadOnlyForceRecursive)
            ? new BindOptions
            {
                Propagation = mount.Propagation,
                NonRecursive = mount.NonRecursive,
                CreateMountpoint = mount.CreateSource,
                ReadOnlyNonRecursive = mount.ReadOnlyNonRecursive,
                ReadOnlyForceRecursive = mount.ReadOnlyForceRecursive,
            }
            : null,
        VolumeOptions = mount.Kind == MountKind.Volume && (mount.NoCopy || mount.VolumeLabels.Count > 0 || mount.Subpath is not null || mount.VolumeDriver is not null || mount.VolumeOptions.Count > 0)
            ? new VolumeOptions
            {
                NoCopy = mount.NoCopy,
                Labels = mount.VolumeLabels.Count == 0 ? null : mount.VolumeLabels,
                Subpath = mount.Subpath,
                DriverConfig = mount.VolumeDriver is null && mount.VolumeOptions.Count == 0 ? null : new VolumeDriverConfig { Name = mount.VolumeDriver, Options = mount.VolumeOptions.Count == 0 ? null : mount.VolumeOptions },
            }
            : null,
        ImageOptions = mount.Kind == MountKind.Image && mount.Subpath is { } part ? new ImageMountOptions { Subpath = part } : null,
        TmpfsOptions = mount.TmpfsSize is not null || mount.TmpfsMode is not null || mount.TmpfsOptions.Count > 0
            ? new TmpfsOptions { SizeBytes = mount.TmpfsSize, Mode = mount.TmpfsMode, Options = mount.TmpfsOptions.Count == 0 ? null : [.. mount.TmpfsOptions.Select(option => option.Split('=', 2))] }
            : null,
    };
}
