using Sampan.Compose.Documents;
using Sampan.Compose.Schema;
using Sampan.DockerApi.Execs;
using Sampan.DockerApi.Networks;
using Sampan.DockerApi.Volumes;

namespace Sampan.Compose.Running;

/// <summary>From a network, a volume or a command of the file to the request that creates it. Pure.</summary>
internal static class ResourceRequests
{
    public static NetworkCreateRequest Network(string project, string key, Mapping network)
    {
        var ipam = network.Map("ipam");
        return new NetworkCreateRequest
        {
            Name = network.Text("name") ?? key,
            CheckDuplicate = true,
            Driver = network.Text("driver") ?? "bridge",
            Options = network.Pairs("driver_opts"),
            Internal = network.Flag("internal") ?? false,
            Attachable = network.Flag("attachable") ?? false,
            EnableIPv4 = network.Flag("enable_ipv4"),
            EnableIPv6 = network.Flag("enable_ipv6"),
            Labels = Labelled(project, network, Labels.Network, key),
            IPAM = ipam is null ? null : new Ipam
            {
                Driver = ipam.Text("driver") ?? "default",
                Options = ipam.Pairs("options"),
                Config = [.. ipam.Maps("config").Select(c => new IpamConfig { Subnet = c.Text("subnet"), IPRange = c.Text("ip_range"), Gateway = c.Text("gateway"), AuxiliaryAddresses = c["aux_addresses"] is null ? null : c.Pairs("aux_addresses") })],
            },
        };
    }

    public static VolumeCreateRequest Volume(string project, string key, Mapping volume) => new()
    {
        Name = volume.Text("name") ?? key,
        Driver = volume.Text("driver") ?? "",
        DriverOpts = volume.Pairs("driver_opts"),
        Labels = Labelled(project, volume, Labels.Volume, key),
    };

    /// <summary>A command of <c>post_start</c>, <c>pre_stop</c> or <c>develop.watch</c>.</summary>
    public static ExecCreateRequest Exec(Mapping hook) => new()
    {
        Cmd = hook.Texts("command"),
        User = hook.Text("user") ?? "",
        Privileged = hook.Flag("privileged") ?? false,
        WorkingDir = hook.Text("working_dir") ?? "",
        Env = [.. hook.Pairs("environment").Select(p => $"{p.Key}={p.Value}")],
        AttachStdout = true,
        AttachStderr = true,
    };

    private static Dictionary<string, string> Labelled(string project, Mapping resource, string label, string key) => new(resource.Pairs("labels"), StringComparer.Ordinal)
    {
        [Labels.Project] = project,
        [label] = key,
        [Labels.Version] = RequestContext.ToolVersion,
        [Labels.ConfigHash] = ServiceHash.Of(resource),
        [Labels.ResourceHash] = ServiceHash.Of(resource),
    };
}
