using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Containers.Files;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Devices;
using Sampan.Engine.Specs;
using Sampan.Oci.Runtime;
using Sampan.Runtime;
using Sampan.Runtime.Observation;

namespace Sampan.Engine.Recipes;

/// <summary>Gathers what the spec is built from: reads the host's files and devices, writes the container's three files.</summary>
internal static class SpecSources
{
    /// <summary>Everything for <see cref="SpecBuilder"/>.</summary>
    public static SpecInputs For(EngineParts parts, ContainerSnapshot container, Identity who, NetworkPlace place)
    {
        if (ReferenceEquals(place.Owner, container) || place.Owner.Id == container.Id)
            WriteFiles(parts, container, place);
        var devices = Devices(container.Spec);
        var users = parts.UsersOf(container.Spec);
        return Basic(parts, container, who) with
        {
            NetworkNamespace = place.Namespace,
            Users = users,
            MappedMounts = container.Mounts.Where(mount => users?.Maps(mount, parts.Volumes) == true).Select(mount => mount.Destination).ToHashSet(StringComparer.Ordinal),
            LinkVariables = LegacyLinks.Variables(container.Name, LegacyLinks.Resolve(parts, container)),
            PidNamespace = Donor(parts, container, container.Spec.Namespaces.Pid, "PID") is { State.ProcessId: { } pid } ? $"/proc/{pid}/ns/pid" : null,
            IpcProcess = IpcProcess(parts, container),
            Devices = [.. devices.Select(found => found.Device)],
            DeviceSources = devices.Where(found => found.Source != found.Device.Path).DistinctBy(found => found.Device.Path).ToDictionary(found => found.Device.Path, found => found.Source),
            BlockIo = BlockDevices.Find(container.Spec.Resources),
            ImageMounts = ImageMounts.Describe(parts, container),
            HostnamePath = place.Owner.HostnamePath,
            HostsPath = place.Owner.HostsPath,
            ResolvConfPath = place.Owner.ResolvConfPath,
        };
    }

    /// <summary>The specification with what devices need that were asked for in words.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: there is no such device.</exception>
    public static RuntimeSpec WithDevices(EngineParts parts, ContainerSpec spec, RuntimeSpec built)
    {
        if (spec.Resources.DeviceWishes.Count == 0)
            return built;
        var devices = CdiDirectory.Read(parts.Options.CdiDirectories);
        var edits = devices.Resolve(DeviceSelection.Names(spec.Resources.DeviceWishes, devices, parts.Options.CdiDirectories));
        return DeviceEdits.Apply(built, edits, path => Find(path)[0]);
    }

    /// <summary>What an exec needs: who it is and what it may do.</summary>
    public static SpecInputs Basic(EngineParts parts, ContainerSnapshot container, Identity who) => new()
    {
        Container = container,
        User = who.User,
        Home = who.Home,
        Hostname = container.Spec.Hostname ?? container.Id[..12],
        CgroupPath = parts.CgroupPath(container),
        NetworkNamespace = null,
        LinkVariables = LegacyLinks.Variables(container.Name, LegacyLinks.Running(parts, container)),
        Capabilities = CapabilityGrant.Decide(container.Spec.Security, parts.KnownCapabilities, parts.GrantableCapabilities),
        HostnamePath = container.HostnamePath,
        HostsPath = container.HostsPath,
        ResolvConfPath = container.ResolvConfPath,
    };

    /// <summary>The seccomp profile of a launch, see <see cref="Supervision.LaunchOrder.SeccompProfile"/>.</summary>
    public static string? Seccomp(ContainerSpec spec)
    {
        if (spec.Security.Privileged)
            return null;
        var wish = SecurityOptions.Parse(spec.Security, []).Seccomp;
        return wish switch { null => "default", "unconfined" => null, _ => wish };
    }

    /// <summary>A running container's networks have changed: its hosts file says so; with the first network that has names, the resolver is the engine's.</summary>
    public static void RewriteFiles(EngineParts parts, ContainerSnapshot container, bool firstNames)
    {
        WriteHosts(parts, container, isHost: false);
        if (firstNames)
            ContainerFiles.Write(container.ResolvConfPath, ContainerFiles.OwnResolver(HostFile("/etc/resolv.conf"), container.Spec.Network));
    }

    /// <summary>A container has started, maybe with another address: those that are linked to it by its old name are told.</summary>
    public static void TellLinked(EngineParts parts, ContainerSnapshot started)
    {
        foreach (var other in parts.Registry.All.Select(c => c.Current).Where(c => c.IsRunning && c.Spec.Network.Links.Any(l => IsMeant(LinkName.Parse(l).Container))))
        {
            try
            {
                RewriteFiles(parts, other, firstNames: false);
            }
            catch (EngineException incomplete) when (incomplete.Kind == ErrorKind.Conflict)
            {
                // Another of its links does not run: its start will tell.
            }
        }

        bool IsMeant(string name) => parts.Registry.TryFind(name, out var found) && found.Id == started.Id;
    }

    private static void WriteFiles(EngineParts parts, ContainerSnapshot container, NetworkPlace place)
    {
        var hostname = container.Spec.Hostname ?? container.Id[..12];
        ContainerFiles.Write(container.HostnamePath, hostname + "\n");
        WriteHosts(parts, container, place.IsHost);
        ContainerFiles.Write(container.ResolvConfPath, place.DnsServers.Count > 0
            ? ContainerFiles.OwnResolver(HostFile("/etc/resolv.conf"), container.Spec.Network)
            : ContainerFiles.Resolver(HostResolver(), container.Spec.Network, parts.Options.Dns, ownNetwork: !place.IsHost));
    }

    private static void WriteHosts(EngineParts parts, ContainerSnapshot container, bool isHost)
    {
        var spec = container.Spec;
        // On networks that give no way out the host is still there, at its default network's address.
        var gateway = container.Endpoints.Select(e => e.Gateway).FirstOrDefault(g => g is not null)
            ?? (container.Endpoints.Any(e => e.Address is not null) ? parts.Network.Networks.FirstOrDefault(n => n.Name == "bridge")?.Subnets.FirstOrDefault()?.Gateway.ToString() : null);
        ContainerFiles.Write(container.HostsPath, isHost
            ? ContainerFiles.HostNetworkHosts(HostFile("/etc/hosts"), spec.Network.ExtraHosts)
            : ContainerFiles.Hosts(container.Endpoints, spec.Hostname ?? container.Id[..12], spec.Domainname, spec.Network.ExtraHosts, gateway, LegacyLinks.HostsLines(LegacyLinks.Resolve(parts, container))));
    }

    // systemd-resolved puts its own loopback address into resolv.conf and the real servers elsewhere.
    private static string HostResolver()
    {
        var text = HostFile("/etc/resolv.conf");
        return text.Contains("127.0.0.53", StringComparison.Ordinal) && File.Exists("/run/systemd/resolve/resolv.conf") ? HostFile("/run/systemd/resolve/resolv.conf") : text;
    }

    private static string HostFile(string path) => File.Exists(path) ? File.ReadAllText(path) : "";

    // The running container whose namespace is joined; null: nobody's is.
    private static ContainerSnapshot? Donor(EngineParts parts, ContainerSnapshot container, string? mode, string kind)
    {
        if (mode is null || !mode.StartsWith("container:", StringComparison.Ordinal))
            return null;
        var other = parts.Registry.Get(mode["container:".Length..]).Current;
        // Root of a user namespace has no rights over what belongs to another.
        if (parts.UsersOf(container.Spec) is not null && parts.UsersOf(other.Spec) is null)
            throw EngineException.Conflict($"cannot join {kind} namespace of container {other.Id}: its users are the host's, this one's are mapped (userns-remap): use --userns host");
        return other.State.ProcessId is not null ? other : throw EngineException.Conflict($"cannot join {kind} namespace of a non running container: {other.Id}");
    }

    private static int? IpcProcess(EngineParts parts, ContainerSnapshot container)
    {
        if (Donor(parts, container, container.Spec.Namespaces.Ipc, "IPC") is not { } donor)
            return null;
        return donor.Spec.Namespaces.Ipc is null or "" or "private" or "none"
            ? throw EngineException.Conflict($"cannot join IPC of container {donor.Id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)")
            : donor.State.ProcessId;
    }

    // As they are to be inside, and where they are on the host.
    private static IReadOnlyList<(Device Device, string Source)> Devices(ContainerSpec spec)
    {
        if (spec.Security.Privileged)
            return [.. Find("/dev").Select(device => (device, device.Path))];
        return [.. spec.Resources.Devices.SelectMany(wish => Find(wish.PathOnHost).Select(device => (device with { Path = wish.PathInContainer + device.Path[wish.PathOnHost.TrimEnd('/').Length..] }, device.Path)))];
    }

    private static IReadOnlyList<Device> Find(string path)
    {
        try
        {
            return HostDevices.Find(path);
        }
        catch (RuntimeException missing)
        {
            throw EngineException.Invalid($"error gathering device information while adding custom device \"{path}\": {missing.Message}", missing);
        }
    }
}
