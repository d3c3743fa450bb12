using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.Compose.Schema;
using Sampan.DockerApi.Client;
using Sampan.DockerApi.Networks;
using Sampan.DockerApi.Volumes;

namespace Sampan.Compose.Running;

public sealed partial class ProjectRunner
{
    /// <summary>Makes the networks that services use and that are not there; the ids of all of them by name.</summary>
    private async Task<Dictionary<string, string>> EnsureNetworksAsync(IReadOnlyList<Service> services, CancellationToken cancellationToken)
    {
        var used = services.SelectMany(s => s.Tree.Map("networks")?.Members ?? []).Select(m => m.Key).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        if (used.Count == 0) return result;
        var there = (await client.ListNetworksAsync(cancellationToken: cancellationToken).ConfigureAwait(false)).GroupBy(n => n.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        foreach (string key in used)
        {
            var network = Described.Networks[key];
            string full = network.Text("name") ?? key;
            if (there.TryGetValue(full, out var found))
            {
                result[full] = found.Id;
                if (ComposeSchema.IsExternal(network)) continue;
                if (found.Labels?.GetValueOrDefault(Labels.Project) is not { } owner)
                    progress("Network " + full, "Found", "it was not made by compose: say 'external: true' to use it without this line");
                else if (owner != name) throw Refused(network, $"networks.{key}", $"the network '{full}' belongs to the project '{owner}'");
                continue;
            }
            if (ComposeSchema.IsExternal(network)) throw Refused(network, $"networks.{key}", $"the network '{full}' is external, but there is none: make it with 'network create {full}'");
            await TellAsync("Network " + full, "Creating", "Created", "", async () => result[full] = (await client.CreateNetworkAsync(Request(key, full, network), cancellationToken).ConfigureAwait(false)).Id).ConfigureAwait(false);
        }
        return result;
    }

    /// <summary>Makes the volumes that services use and that are not there.</summary>
    private async Task EnsureVolumesAsync(IReadOnlyList<Service> services, CancellationToken cancellationToken)
    {
        var used = services.SelectMany(s => s.Tree.Maps("volumes")).Where(m => m.Text("type") == "volume").Select(m => m.Text("source")).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (used.Count == 0) return;
        var there = ((await client.ListVolumesAsync(cancellationToken: cancellationToken).ConfigureAwait(false)).Volumes ?? []).ToDictionary(v => v.Name, StringComparer.Ordinal);
        foreach (string key in used)
        {
            var volume = Described.Volumes[key];
            string full = volume.Text("name") ?? key;
            if (there.TryGetValue(full, out var found))
            {
                if (ComposeSchema.IsExternal(volume)) continue;
                if (found.Labels?.GetValueOrDefault(Labels.Project) is not { } owner)
                    progress("Volume " + full, "Found", "it was not made by compose: say 'external: true' to use it without this line");
                else if (owner != name) throw Refused(volume, $"volumes.{key}", $"the volume '{full}' belongs to the project '{owner}'");
                continue;
            }
            if (ComposeSchema.IsExternal(volume)) throw Refused(volume, $"volumes.{key}", $"the volume '{full}' is external, but there is none: make it with 'volume create {full}'");
            await TellAsync("Volume " + full, "Creating", "Created", "", () => client.CreateVolumeAsync(
                new VolumeCreateRequest
                {
                    Name = full,
                    Driver = volume.Text("driver") ?? "",
                    DriverOpts = volume.Pairs("driver_opts"),
                    Labels = Own(volume, Labels.Volume, key),
                }, cancellationToken)).ConfigureAwait(false);
        }
    }

    private NetworkCreateRequest Request(string key, string full, Mapping network)
    {
        var ipam = network.Map("ipam");
        return new NetworkCreateRequest
        {
            Name = full,
            CheckDuplicate = true,
            Driver = network.Text("driver") ?? "bridge",
            Options = network.Pairs("driver_opts"),
            Internal = network.Flag("internal") ?? false,
            Attachable = network.Flag("attachable") ?? false,
            EnableIPv4 = network.Flag("enable_ipv4"),
            EnableIPv6 = network.Flag("enable_ipv6"),
            Labels = Own(network, Labels.Network, key),
            IPAM = ipam is null ? null : new Ipam
            {
                Driver = ipam.Text("driver") ?? "default",
                Options = ipam.Pairs("options"),
                Config = [.. ipam.Maps("config").Select(c => new IpamConfig { Subnet = c.Text("subnet"), IPRange = c.Text("ip_range"), Gateway = c.Text("gateway"), AuxiliaryAddresses = c["aux_addresses"] is null ? null : c.Pairs("aux_addresses") })],
            },
        };
    }

    private Dictionary<string, string> Own(Mapping resource, string label, string key) => new(resource.Pairs("labels"), StringComparer.Ordinal)
    {
        [Labels.Project] = name,
        [label] = key,
        [Labels.Version] = RequestContext.ToolVersion,
        [Labels.ConfigHash] = ServiceHash.Of(resource),
    };

    /// <summary>Removes the networks of the project, or the volumes.</summary>
    private async Task RemoveNetworksAsync(CancellationToken cancellationToken)
    {
        var networks = await client.ListNetworksAsync(new Filters().Add("label", $"{Labels.Project}={name}"), cancellationToken).ConfigureAwait(false);
        await ForAllAsync(networks, n => RemoveAsync("Network " + n.Name, () => client.RemoveNetworkAsync(n.Id, cancellationToken))).ConfigureAwait(false);
    }

    private async Task RemoveVolumesAsync(CancellationToken cancellationToken)
    {
        var volumes = (await client.ListVolumesAsync(new Filters().Add("label", $"{Labels.Project}={name}"), cancellationToken).ConfigureAwait(false)).Volumes ?? [];
        await ForAllAsync(volumes, v => RemoveAsync("Volume " + v.Name, () => client.RemoveVolumeAsync(v.Name, cancellationToken: cancellationToken))).ConfigureAwait(false);
    }

    /// <summary>What somebody else still uses stays, and that is told; what is gone already is what was wanted.</summary>
    private async Task RemoveAsync(string resource, Func<Task> remove)
    {
        try
        {
            progress(resource, "Removing", "");
            await remove().ConfigureAwait(false);
            progress(resource, "Removed", "");
        }
        catch (DockerApiException e) when (e.IsNotFound)
        {
            progress(resource, "Removed", "");
        }
        catch (DockerApiException e) when (e.StatusCode is 403 or 409)
        {
            progress(resource, "Resource is still in use", e.Message);
        }
    }

    private static ComposeException Refused(Mapping at, string path, string text) => new([new Problem(at.At, path, text)]);
}
