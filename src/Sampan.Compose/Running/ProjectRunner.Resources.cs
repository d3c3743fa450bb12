using System.Text.Json;
using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.Compose.Schema;
using Sampan.DockerApi;
using Sampan.DockerApi.Client;
using Sampan.DockerApi.Networks;

namespace Sampan.Compose.Running;

public sealed partial class ProjectRunner
{
    /// <summary>Makes the networks that services use, or all, and that are not there; the ids of all of them by name.</summary>
    private async Task<Dictionary<string, string>> EnsureNetworksAsync(IReadOnlyList<Service> services, bool all, CancellationToken cancellationToken)
    {
        var used = services.SelectMany(s => s.Tree.Map("networks")?.Members ?? []).Select(m => m.Key).Concat(all ? Described.Networks.Keys : []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
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
                else if (found.Labels.GetValueOrDefault(Labels.ResourceHash) is { } hash && hash != ServiceHash.Of(network)) result[full] = await RecreateAsync(found, ResourceRequests.Network(name, key, network), cancellationToken).ConfigureAwait(false);
                continue;
            }
            if (ComposeSchema.IsExternal(network)) throw Refused(network, $"networks.{key}", $"the network '{full}' is external, but there is none: make it with 'network create {full}'");
            await TellAsync("Network " + full, "Creating", "Created", "", async () => result[full] = (await client.CreateNetworkAsync(ResourceRequests.Network(name, key, network), cancellationToken).ConfigureAwait(false)).Id).ConfigureAwait(false);
        }
        return result;
    }

    /// <summary>A network in the place of one that is described otherwise now. What is in it is taken out first; its containers are replaced for it later.</summary>
    private async Task<string> RecreateAsync(NetworkInspect old, NetworkCreateRequest request, CancellationToken cancellationToken)
    {
        string id = "";
        await TellAsync("Network " + old.Name, "Recreate", "Recreated", "its configuration changed", async () =>
        {
            var inspected = JsonSerializer.Deserialize(await client.InspectNetworkJsonAsync(old.Id, cancellationToken: cancellationToken).ConfigureAwait(false), DockerApiJson.Wire.NetworkInspect);
            foreach (string container in (inspected?.Containers ?? new Dictionary<string, EndpointResource>()).Keys)
                await GoneAsync(() => client.DisconnectNetworkAsync(old.Id, new NetworkDisconnectRequest { Container = container, Force = true }, cancellationToken)).ConfigureAwait(false);
            await GoneAsync(() => client.RemoveNetworkAsync(old.Id, cancellationToken)).ConfigureAwait(false);
            id = (await client.CreateNetworkAsync(request, cancellationToken).ConfigureAwait(false)).Id;
        }).ConfigureAwait(false);
        return id;
    }

    /// <summary>Makes the volumes that services use, or all, and that are not there.</summary>
    private async Task EnsureVolumesAsync(IReadOnlyList<Service> services, bool all, CancellationToken cancellationToken)
    {
        var used = services.SelectMany(s => s.Tree.Maps("volumes")).Where(m => m.Text("type") == "volume").Select(m => m.Text("source")).OfType<string>().Concat(all ? Described.Volumes.Keys : []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
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
                else if (found.Labels.GetValueOrDefault(Labels.ResourceHash) is { } hash && hash != ServiceHash.Of(volume))
                    progress("Volume " + full, "Warning", "its configuration changed, but it holds data: remove it ('down -v' removes all of the project) to have it made anew");
                continue;
            }
            if (ComposeSchema.IsExternal(volume)) throw Refused(volume, $"volumes.{key}", $"the volume '{full}' is external, but there is none: make it with 'volume create {full}'");
            await TellAsync("Volume " + full, "Creating", "Created", "", () => client.CreateVolumeAsync(ResourceRequests.Volume(name, key, volume), cancellationToken)).ConfigureAwait(false);
        }
    }

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
            if (!IsDry) await remove().ConfigureAwait(false);
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
