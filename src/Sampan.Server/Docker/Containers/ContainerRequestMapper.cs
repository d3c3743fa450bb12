using System.Net;
using Sampan.DockerApi.Containers;
using Sampan.DockerApi.Networks;
using Sampan.Engine;
using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Containers.Mounts;
using Sampan.Engine.Containers.Streams;
using Sampan.Engine.Containers.Wishes;
using RestartPolicy = Sampan.Engine.Containers.Wishes.RestartPolicy;

namespace Sampan.Server.Docker.Containers;

/// <summary>
/// Makes the engine's wish from Docker's request. Docker's zeros and empty texts mean "not given" and become null here;
/// every option that the engine does not have is refused by its name.
/// </summary>
internal static partial class ContainerRequestMapper
{
    /// <summary>The wish in a request that creates a container.</summary>
    /// <param name="request">In the newest version's shape.</param>
    /// <param name="platform">The query parameter; null: not given.</param>
    /// <exception cref="Engine.EngineException">InvalidArgument or NotSupported, naming every problem.</exception>
    internal static ContainerSpec FromRequest(ContainerCreateRequest request, string? platform)
    {
        var problems = new Problems();
        var host = request.HostConfig ?? new HostConfig();
        RefuseUnsupported(request, host, problems);

        var binds = new List<BindSpec>();
        var volumes = (request.Volumes?.Keys ?? []).ToList();
        MapBinds(host, binds, volumes, problems);

        var spec = new ContainerSpec
        {
            Image = request.Image,
            IdFile = Given(host.ContainerIDFile),
            StorageOptions = host.StorageOpt ?? new Dictionary<string, string>(),
            Hostname = Given(request.Hostname),
            Domainname = Given(request.Domainname),
            User = Given(request.User),
            GroupAdd = host.GroupAdd ?? [],
            AttachStdin = request.AttachStdin,
            AttachStdout = request.AttachStdout,
            AttachStderr = request.AttachStderr,
            Tty = request.Tty,
            OpenStdin = request.OpenStdin,
            StdinOnce = request.StdinOnce,
            Env = request.Env ?? [],
            // An empty command is the image's, as an absent one; an empty entry point, or one empty word, is none at all.
            Command = request.Cmd is { Count: > 0 } command ? command : null,
            Entrypoint = request.Entrypoint is [""] ? [] : request.Entrypoint,
            WorkingDirectory = Given(request.WorkingDir),
            Labels = request.Labels ?? new Dictionary<string, string>(),
            Annotations = host.Annotations ?? new Dictionary<string, string>(),
            StopSignal = Given(request.StopSignal),
            StopTimeout = request.StopTimeout,
            Shell = request.Shell is { Count: > 0 } shell ? shell : null,
            OnBuild = request.OnBuild ?? [],
            Healthcheck = HealthMapper.FromRequest(request.Healthcheck),
            ExposedPorts = PortMapper.Exposed(request.ExposedPorts, problems),
            PublishedPorts = PortMapper.Published(host.PortBindings, problems),
            PublishAllPorts = host.PublishAllPorts,
            Network = MapNetwork(request, host, problems),
            AnonymousVolumes = volumes,
            Binds = binds,
            VolumeDriver = Given(host.VolumeDriver),
            Mounts = MapMounts(host, problems),
            Tmpfs = host.Tmpfs ?? new Dictionary<string, string>(),
            VolumesFrom = host.VolumesFrom ?? [],
            Log = MapLog(host.LogConfig),
            Restart = MapRestart(host.RestartPolicy, problems) ?? RestartPolicy.No,
            AutoRemove = host.AutoRemove,
            Resources = ResourcesMapper.FromRequest(host, problems) with
            {
                OomScoreAdj = host.OomScoreAdj == 0 ? null : host.OomScoreAdj,
                // A new container has no limit to lift.
                PidsLimit = host.PidsLimit is 0 or -1 ? null : host.PidsLimit,
            },
            Security = new SecurityWish
            {
                Privileged = host.Privileged,
                ReadOnlyRootfs = host.ReadonlyRootfs,
                CapAdd = host.CapAdd ?? [],
                CapDrop = host.CapDrop ?? [],
                Options = host.SecurityOpt ?? [],
                MaskedPaths = host.MaskedPaths,
                ReadonlyPaths = host.ReadonlyPaths,
            },
            Namespaces = new NamespaceWish
            {
                Ipc = Given(host.IpcMode),
                Pid = Given(host.PidMode),
                Uts = Given(host.UTSMode),
                Cgroup = Given(host.CgroupnsMode),
                User = Given(host.UsernsMode),
            },
            Sysctls = host.Sysctls ?? new Dictionary<string, string>(),
            ShmSize = host.ShmSize == 0 ? null : host.ShmSize,
            Init = host.Init,
            Platform = platform,
            Runtime = Given(host.Runtime),
            ConsoleSize = MapSize(host.ConsoleSize, problems),
        };
        problems.Throw();
        return spec;
    }

    /// <summary>The restart policy; null: not given.</summary>
    internal static RestartPolicy? MapRestart(DockerApi.Containers.RestartPolicy? policy, Problems problems)
    {
        if (policy is null || (policy.Name.Length == 0 && policy.MaximumRetryCount == 0))
            return null;
        RestartKind? kind = policy.Name switch
        {
            "" or "no" => RestartKind.No,
            "always" => RestartKind.Always,
            "on-failure" => RestartKind.OnFailure,
            "unless-stopped" => RestartKind.UnlessStopped,
            _ => null,
        };
        if (kind is null)
        {
            problems.Invalid($"invalid restart policy: unknown policy '{policy.Name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'");
            return null;
        }

        if (policy.MaximumRetryCount < 0)
            problems.Invalid("invalid restart policy: maximum retry count cannot be negative");
        else if (policy.MaximumRetryCount > 0 && kind != RestartKind.OnFailure)
            problems.Invalid("invalid restart policy: maximum retry count can only be used with 'on-failure'");
        return new RestartPolicy(kind.Value, kind == RestartKind.OnFailure ? Math.Max(policy.MaximumRetryCount, 0) : 0);
    }

    /// <summary>Height and width as Docker sends them; null: not given.</summary>
    internal static TerminalSize? MapSize(IReadOnlyList<int>? size, Problems problems)
    {
        if (size is null or { Count: 0 } or [0, 0])
            return null;
        if (size is [>= 0 and <= ushort.MaxValue and var rows, >= 0 and <= ushort.MaxValue and var columns])
            return new TerminalSize((ushort)rows, (ushort)columns);
        problems.Invalid("invalid 'ConsoleSize': expected height and width, each 0 to 65535");
        return null;
    }

    /// <summary>Docker's empty text is null here.</summary>
    internal static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static LogWish MapLog(LogConfig? log)
    {
        if (log is null)
            return new LogWish();
        return new LogWish { Driver = Given(log.Type), Options = log.Config ?? new Dictionary<string, string>() };
    }

    private static NetworkWish MapNetwork(ContainerCreateRequest request, HostConfig host, Problems problems)
    {
        var mode = host.NetworkMode.Length == 0 ? "default" : host.NetworkMode;
        var endpoints = new Dictionary<string, EndpointWish>(StringComparer.Ordinal);
        foreach (var (given, settings) in request.NetworkingConfig?.EndpointsConfig ?? new Dictionary<string, EndpointSettings?>())
        {
            var name = given == "default" ? "bridge" : given;
            var wish = MapEndpoint(given, settings ?? new EndpointSettings(), problems);
            // Clients name the network of the mode once more, with nothing to say about it.
            var says = wish.IPv4Address is not null || wish.IPv6Address is not null || wish.MacAddress is not null || wish.LinkLocalAddresses.Count > 0 || wish.Aliases.Count > 0 || wish.Links.Count > 0 || wish.GatewayPriority != 0 || wish.DriverOptions.Count > 0;
            if (says || (given != mode && !(name == "bridge" && mode == "default")))
                endpoints[name] = wish;
        }

        // On networks of the user's a link is the endpoint's; clients say it in both places.
        IReadOnlyList<string> links = host.Links ?? [];
        if (links.Count > 0 && mode is not ("default" or "bridge" or "host" or "none") && !mode.StartsWith("container:", StringComparison.Ordinal))
        {
            var wish = endpoints.GetValueOrDefault(mode) ?? new EndpointWish();
            endpoints[mode] = wish.Links.Count > 0 ? wish : wish with { Links = links };
            links = [];
        }

        return new NetworkWish
        {
            Mode = mode,
            Endpoints = endpoints,
            Links = links,
            Disabled = request.NetworkDisabled ?? false,
            Dns = host.Dns ?? [],
            DnsSearch = host.DnsSearch ?? [],
            DnsOptions = host.DnsOptions ?? [],
            ExtraHosts = host.ExtraHosts ?? [],
        };
    }

    /// <summary>What is wanted of one endpoint.</summary>
    internal static EndpointWish MapEndpoint(string network, EndpointSettings settings, Problems problems)
    {
        var linkLocal = settings.IPAMConfig?.LinkLocalIPs ?? [];
        foreach (var address in linkLocal.Where(a => !IPAddress.TryParse(a, out var parsed) || parsed.Equals(IPAddress.Any) || parsed.Equals(IPAddress.IPv6Any)))
            problems.Invalid($"invalid config for network {network}: invalid link-local IP address: {address}");
        return new EndpointWish
        {
            IPv4Address = Given(settings.IPAMConfig?.IPv4Address),
            IPv6Address = Given(settings.IPAMConfig?.IPv6Address),
            LinkLocalAddresses = linkLocal,
            MacAddress = Given(settings.MacAddress),
            Aliases = settings.Aliases ?? [],
            Links = settings.Links ?? [],
            GatewayPriority = settings.GwPriority,
            DriverOptions = settings.DriverOpts ?? new Dictionary<string, string>(),
        };
    }

    private static void RefuseUnsupported(ContainerCreateRequest request, HostConfig host, Problems problems)
    {
        if (request.Image.Length == 0)
            problems.Invalid("no image specified");
        problems.Unsupported("HostConfig.Cgroup", host.Cgroup.Length > 0);
        problems.Unsupported($"HostConfig.UsernsMode: {host.UsernsMode}", host.UsernsMode is not ("" or "host"));
        problems.Unsupported($"HostConfig.Isolation: {host.Isolation}", host.Isolation is not ("" or "default"));
        foreach (var name in (host.Sysctls?.Keys ?? []).Where(name => name.Split('.', 5) is ["net", _, _, ['e', 't', 'h', ..], _]))
            problems.Invalid($"interface specific sysctl setting \"{name}\" must be supplied using driver option 'com.docker.network.endpoint.sysctls'");
        if (host.ShmSize < 0)
            problems.Invalid("SHM size can not be less than 0");
    }

    /// <summary>The name of the engine's own runtime.</summary>
    internal const string RuntimeName = EngineOptions.OwnRuntime;
}
