using System.Text.Json.Nodes;

namespace Sampan.Server.Docker;

/// <summary>The rewrites of requests. Wrong types are left alone: reading the request reports them.</summary>
internal static class RequestShims
{
    internal static void ShareableIpc(JsonObject request)
    {
        if (Text(Host(request), "IpcMode") is null or "")
            Host(request)["IpcMode"] = "shareable";
    }

    internal static void HostCgroupNamespace(JsonObject request)
    {
        if (Text(Host(request), "CgroupnsMode") is null or "")
            Host(request)["CgroupnsMode"] = "host";
    }

    internal static void DropZeroPidsLimit(JsonObject request)
    {
        var host = Host(request);
        if (Key(host, "PidsLimit") is { } key && host[key] is JsonValue value && value.TryGetValue(out long limit) && limit == 0)
            host.Remove(key);
    }

    internal static void DropKernelMemory(JsonObject request)
    {
        var resources = Key(request, "HostConfig") is null ? request : Host(request);
        foreach (var name in new[] { "KernelMemory", "KernelMemoryTCP" })
        {
            if (Key(resources, name) is { } key)
                resources.Remove(key);
        }
    }

    internal static void MoveMacAddress(JsonObject request)
    {
        if (Key(request, "MacAddress") is not { } key || Text(request, key) is not { } address)
            return;
        request.Remove(key);
        if (address.Length == 0)
            return;

        var mode = Text(Host(request), "NetworkMode") ?? "";
        var network = mode is "" or "default" ? "bridge" : mode;
        var endpoints = Child(Child(request, "NetworkingConfig"), "EndpointsConfig");
        var endpoint = Child(endpoints, network == "bridge" && Key(endpoints, "default") is not null ? "default" : network);
        if (Text(endpoint, "MacAddress") is null or "")
            endpoint["MacAddress"] = address;
    }

    private static JsonObject Host(JsonObject request) => Child(request, "HostConfig");

    private static JsonObject Child(JsonObject parent, string name)
    {
        if (Key(parent, name) is { } key && parent[key] is JsonObject child)
            return child;
        var made = new JsonObject();
        parent[Key(parent, name) ?? name] = made;
        return made;
    }

    private static string? Text(JsonObject parent, string name) =>
        Key(parent, name) is { } key && parent[key] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    // Docker's decoder ignores the case of names.
    private static string? Key(JsonObject parent, string name)
    {
        foreach (var (key, _) in parent)
        {
            if (string.Equals(key, name, StringComparison.OrdinalIgnoreCase))
                return key;
        }

        return null;
    }
}
