using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Specs;
using Sampan.Oci.Runtime;
using Sampan.Storage.Plugins;

namespace Sampan.Engine.Plugins;

/// <summary>The OCI spec of a plugin's process: a container's as every other one has it, changed by what the plugin was granted (moby plugin/v2/plugin_linux.go).</summary>
internal static class PluginSpec
{
    private const string Sockets = "/run/docker/plugins";

    // What a container has from the engine and a plugin has not.
    private static readonly string[] s_engineFiles = ["/etc/resolv.conf", "/etc/hostname", "/etc/hosts"];

    /// <summary>The plugin as a container: for what both have in common.</summary>
    public static ContainerSnapshot AsContainer(ManagedPlugin plugin, DateTimeOffset now)
    {
        var (config, settings) = (plugin.Record.Config, plugin.Record.Settings);
        return new ContainerSnapshot
        {
            Id = plugin.Record.Id,
            Name = plugin.Record.Name,
            Created = now,
            ImageId = "",
            State = new Containers.States.ContainerState.Created(),
            Directory = plugin.Directory,
            Spec = new ContainerSpec
            {
                Image = plugin.Record.Name,
                Hostname = plugin.Record.Id[..12],
                Env = settings.Env,
                Entrypoint = config.Entrypoint,
                Command = settings.Args,
                WorkingDirectory = config.WorkDir,
                Network = new NetworkWish { Mode = config.Network.Type == "host" ? "host" : "none" },
                Namespaces = new NamespaceWish { Pid = config.PidHost ? "host" : null, Ipc = config.IpcHost ? "host" : null },
                Security = new SecurityWish { CapAdd = config.Linux.Capabilities ?? [] },
            },
        };
    }

    /// <summary>Builds the spec.</summary>
    /// <param name="plugin">The plugin.</param>
    /// <param name="container">It, as a container.</param>
    /// <param name="cgroup">Its cgroup.</param>
    /// <param name="capabilities">What was decided.</param>
    /// <param name="devices">The nodes of its devices.</param>
    /// <param name="exists">Whether the host has a file.</param>
    public static RuntimeSpec Build(ManagedPlugin plugin, ContainerSnapshot container, string cgroup, CapabilityGrant capabilities, IReadOnlyList<Device> devices, Func<string, bool> exists)
    {
        var config = plugin.Record.Config;
        var basis = SpecBuilder.Build(new SpecInputs
        {
            Container = container,
            User = new OciUser { Uid = config.User.Uid, Gid = config.User.Gid },
            Home = "/",
            Hostname = container.Spec.Hostname ?? "",
            CgroupPath = cgroup,
            NetworkNamespace = null,
            Capabilities = capabilities,
            Devices = devices,
            HostnamePath = "",
            HostsPath = "",
            ResolvConfPath = "",
        });
        var linux = basis.Linux ?? new LinuxSection();
        return basis with
        {
            Mounts = Mounts(plugin, basis.Mounts, exists),
            Linux = linux with
            {
                Namespaces = config.Network.Type == "host" ? linux.Namespaces : [.. linux.Namespaces, new Namespace { Type = "network" }],
                Resources = config.Linux.AllowAllDevices ? (linux.Resources ?? new Resources()) with { Devices = [new DeviceRule { Allow = true, Access = "rwm" }] } : linux.Resources,
                RootfsPropagation = config.PropagatedMount.Length > 0 ? "rshared" : linux.RootfsPropagation,
            },
        };
    }

    private static List<Mount> Mounts(ManagedPlugin plugin, IReadOnlyList<Mount> kernel, Func<string, bool> exists)
    {
        var (config, settings) = (plugin.Record.Config, plugin.Record.Settings);
        var own = settings.Mounts.Select(mount => mount.Destination).ToHashSet(StringComparer.Ordinal);
        var mounts = new List<Mount>(kernel.Where(mount => !s_engineFiles.Contains(mount.Destination) && !own.Contains(mount.Destination)));
        if (config.PropagatedMount.Length > 0)
            mounts.Add(Bind(plugin.PropagatedMount, config.PropagatedMount, "rbind", "rw", "rshared"));
        mounts.AddRange(settings.Mounts.Select(mount => new Mount
        {
            Destination = mount.Destination,
            Type = mount.Type.Length > 0 ? mount.Type : "bind",
            Source = mount.Source,
            Options = mount.Options ?? [],
        }));
        mounts.Add(Bind(plugin.SocketDirectory, Sockets, "rbind", "rprivate"));
        if (config.Network.Type.Length > 0)
            mounts.AddRange(new[] { "/etc/hosts", "/etc/resolv.conf" }.Where(exists).Select(path => Bind(path, path, "rbind", "rprivate", "ro")));
        return mounts;
    }

    private static Mount Bind(string source, string destination, params IReadOnlyList<string> options) =>
        new() { Destination = destination, Type = "bind", Source = source, Options = options };
}
