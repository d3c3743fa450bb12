using System.Text.Json;

namespace Sampan.EndToEnd.Harness;

/// <summary>All that an engine has, as sorted lines without ids, addresses and times: two moments can be compared by it.</summary>
internal static class Inventory
{
    public static async Task<IReadOnlyList<string>> TakeAsync(Daemon daemon)
    {
        var lines = new List<string>();
        using var containers = await GetAsync(daemon, "containers/json?all=1");
        using var images = await GetAsync(daemon, "images/json?all=1");
        using var volumes = await GetAsync(daemon, "volumes");
        using var networks = await GetAsync(daemon, "networks");
        using var plugins = await GetAsync(daemon, "plugins");
        foreach (var container in containers.RootElement.EnumerateArray())
        {
            var places = container.GetProperty("NetworkSettings").GetProperty("Networks").EnumerateObject()
                .Select(place => $"{place.Name}{(place.Value.GetProperty("IPAddress").GetString() is { Length: > 0 } ? " with an address" : "")}").Order(StringComparer.Ordinal);
            lines.Add($"container {container.GetProperty("Names")[0]} {container.GetProperty("State")}, {container.GetProperty("Ports").GetArrayLength()} ports, {container.GetProperty("Mounts").GetArrayLength()} mounts, on {string.Join(" and ", places)}");
        }

        lines.AddRange(images.RootElement.EnumerateArray().Select(image => $"image {(image.TryGetProperty("RepoTags", out var tags) && tags.ValueKind == JsonValueKind.Array ? string.Join(' ', tags.EnumerateArray().Select(tag => tag.GetString())) : "")}"));
        foreach (var volume in volumes.RootElement.GetProperty("Volumes").EnumerateArray())
        {
            var name = volume.GetProperty("Name").GetString()!;
            var labels = volume.GetProperty("Labels");
            lines.Add($"volume {(name.Length == 64 ? "without a name" : $"{name} {labels}")}{(Directory.Exists(volume.GetProperty("Mountpoint").GetString()) ? "" : " without data")}");
        }

        lines.AddRange(plugins.RootElement.EnumerateArray().Select(plugin => $"plugin {plugin.GetProperty("Name")} enabled {plugin.GetProperty("Enabled")}"));
        lines.AddRange(networks.RootElement.EnumerateArray().Select(network => $"network {network.GetProperty("Name")} {network.GetProperty("Labels")}"));
        return [.. lines.Order(StringComparer.Ordinal)];
    }

    private static async Task<JsonDocument> GetAsync(Daemon daemon, string path)
    {
        var (status, body) = await daemon.SendAsync(HttpMethod.Get, "v1.43/" + path);
        status.ShouldBe(200, body);
        return JsonDocument.Parse(body);
    }
}
