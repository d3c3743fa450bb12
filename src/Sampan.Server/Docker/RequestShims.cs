using System.Text.Json.Nodes;
using Sampan.DockerApi;
using Sampan.Engine;

namespace Sampan.Server.Docker;

/// <summary>The rewrites of requests. Wrong types are left alone: reading the request reports them.</summary>
internal static class RequestShims
{
    internal static void ShareableIpc(JsonObject request)
    {
        if (Text(Host(request), "IpcMode") is null or "")
            Host(request)["IpcMode"] = "shareable";
    }

    internal static void DropZeroPidsLimit(JsonObject request)
    {
        var host = Host(request);
        if (Key(host, "PidsLimit") is { } key && host[key] is JsonValue value && value.TryGetValue(out long limit) && limit == 0)
            host.Remove(key);
    }

    internal static void KeepAfterEnd(JsonObject request) => Drop(Host(request), "AutoRemove");

    internal static void DropNonRecursive(JsonObject request) => EachMount(request, mount => DropOption(mount, "BindOptions", "NonRecursive"));

    internal static void DropConsoleSize(JsonObject request) => Drop(Host(request), "ConsoleSize");

    internal static void DropExecConsoleSize(JsonObject request) => Drop(request, "ConsoleSize");

    internal static void DropAnnotations(JsonObject request) => Drop(Host(request), "Annotations");

    internal static void DropPidsLimit(JsonObject request) => Drop(request, "PidsLimit");

    internal static void DropDeviceLimits(JsonObject request)
    {
        foreach (var name in new[] { "BlkioWeightDevice", "BlkioDeviceReadBps", "BlkioDeviceWriteBps", "BlkioDeviceReadIOps", "BlkioDeviceWriteIOps" })
            Drop(request, name);
    }

    internal static void DropEnableIPv4(JsonObject request) => Drop(request, "EnableIPv4");

    internal static void DropStartInterval(JsonObject request)
    {
        if (Object(request, "Healthcheck") is { } probe)
            Drop(probe, "StartInterval");
    }

    internal static void DropStrayMountOptions(JsonObject request) => EachMount(request, mount =>
    {
        var type = Text(mount, "Type");
        DropOption(mount, "BindOptions", "CreateMountpoint");
        if (type != "volume")
            Drop(mount, "VolumeOptions");
        if (type != "tmpfs")
            Drop(mount, "TmpfsOptions");
    });

    internal static void ReadOnlyNonRecursive(JsonObject request) => EachMount(request, mount =>
    {
        if (Text(mount, "Type") != "bind")
            return;
        if (Object(mount, "BindOptions") is { } options && IsTrue(options, "ReadOnlyForceRecursive"))
            throw Refused("BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer");
        if (IsTrue(mount, "ReadOnly"))
            Child(mount, "BindOptions")["ReadOnlyNonRecursive"] = true;
    });

    internal static void OneEndpoint(JsonObject request)
    {
        var endpoints = Endpoints(request);
        if (endpoints.Count > 1)
            throw Refused($"Container cannot be created with multiple network endpoints: {string.Join(", ", endpoints.Select(endpoint => endpoint.Key))}");
    }

    internal static void DropEndpointAddresses(JsonObject request)
    {
        if (Text(request, Key(request, "MacAddress") ?? "") is null or "")
            EachEndpoint(request, endpoint => Drop(endpoint, "MacAddress"));
    }

    internal static void DropGatewayPriority(JsonObject request) => EachEndpoint(request, endpoint => Drop(endpoint, "GwPriority"));

    internal static void RefuseSubpath(JsonObject request) => EachMount(request, mount =>
    {
        if (Object(mount, "VolumeOptions") is { } options && Text(options, "Subpath") is { Length: > 0 })
            throw Refused("VolumeOptions.Subpath needs API v1.45 or newer");
    });

    internal static void RefuseImageMounts(JsonObject request) => EachMount(request, mount =>
    {
        if (Text(mount, "Type") == "image")
            throw Refused("Mount type \"Image\" needs API v1.48 or newer");
    });

    internal static void MoveInterfaceParameters(JsonObject request)
    {
        if (InterfaceParameters(request) is not { Count: > 0 } moved || Object(Host(request), "Sysctls") is not { } parameters)
            return;
        var options = Child(MainEndpoint(request), "DriverOpts");
        foreach (var (name, _) in moved)
            parameters.Remove(name);
        var text = string.Join(',', moved.Select(p => p.Moved));
        options[EndpointParameters] = Text(options, EndpointParameters) is { Length: > 0 } given ? $"{text},{given}" : text;
    }

    internal static string? MovedParameters(JsonObject request, ApiVersion version) =>
        InterfaceParameters(request) is { Count: > 0 } moved
            ? $"Migrated sysctl \"{string.Join(',', moved.Select(p => p.Name))}\" to DriverOpts{{\"{EndpointParameters}\":\"{string.Join(',', moved.Select(p => p.Moved))}\"}}."
            : null;

    // Since 1.44 it is the endpoint's; the container's is moved there with a warning.
    internal static string? MovedAddress(JsonObject request, ApiVersion version) =>
        version >= new ApiVersion(1, 44) && Text(request, "MacAddress") is { Length: > 0 }
            ? "The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead."
            : null;

    // The container's address was that of its one network, whatever that was called.
    internal static void GiveMacAddress(JsonObject request)
    {
        if (TakeMacAddress(request) is not { } address)
            return;
        if (!HasOwnNetwork(request))
            throw Refused("conflicting options: mac-address and the network mode");
        var endpoints = Endpoints(request);
        var endpoint = endpoints.Count == 0 ? MainEndpoint(request) : endpoints.First().Value as JsonObject ?? Child(endpoints, endpoints.First().Key);
        endpoint["MacAddress"] = address;
    }

    // With several networks it is that of the one which the mode names.
    internal static void MoveMacAddress(JsonObject request)
    {
        if (TakeMacAddress(request) is not { } address || !HasOwnNetwork(request))
            return;
        var endpoints = Endpoints(request);
        if (endpoints.Count > 0 && !endpoints.ContainsKey(MainNetwork(request)))
            throw Refused("unable to migrate container-wide MAC address to a specific network: HostConfig.NetworkMode must match the identity of a network in NetworkSettings.Networks");
        var endpoint = MainEndpoint(request);
        if (Text(endpoint, "MacAddress") is { Length: > 0 } given && !string.Equals(given, address, StringComparison.OrdinalIgnoreCase))
            throw Refused("the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty");
        endpoint["MacAddress"] = address;
    }

    internal static void DropClusterVolume(JsonObject request) => Drop(request, "ClusterVolumeSpec");

    private static string? TakeMacAddress(JsonObject request)
    {
        if (Key(request, "MacAddress") is not { } key || Text(request, key) is not { } address)
            return null;
        request.Remove(key);
        return address.Length == 0 ? null : address;
    }

    private const string EndpointParameters = "com.docker.network.endpoint.sysctls";

    private static bool HasOwnNetwork(JsonObject request) =>
        (Text(Host(request), "NetworkMode") ?? "") is not ("host" or "none" or ['c', 'o', 'n', 't', 'a', 'i', 'n', 'e', 'r', ':', ..]);

    private static JsonObject MainEndpoint(JsonObject request) => Child(Endpoints(request), MainNetwork(request));

    private static string MainNetwork(JsonObject request)
    {
        var mode = Text(Host(request), "NetworkMode") ?? "";
        var network = mode is "" or "default" ? "bridge" : mode;
        return network == "bridge" && Endpoints(request).ContainsKey("default") ? "default" : network;
    }

    private static JsonObject Endpoints(JsonObject request) => Child(Child(request, "NetworkingConfig"), "EndpointsConfig");

    // net.ipv4.conf.eth0.log_martians: the link's name is known only when it is there.
    private static List<(string Name, string Moved)> InterfaceParameters(JsonObject request)
    {
        var found = new List<(string, string)>();
        foreach (var (name, value) in Object(Host(request), "Sysctls") ?? [])
        {
            if (name.Split('.', 5) is ["net", var family, var kind, "eth0", var rest])
                found.Add((name, $"net.{family}.{kind}.IFNAME.{rest}={value}"));
        }

        return found;
    }

    private static void EachMount(JsonObject request, Action<JsonObject> change)
    {
        if (Key(Host(request), "Mounts") is not { } key || Host(request)[key] is not JsonArray mounts)
            return;
        foreach (var mount in mounts.OfType<JsonObject>())
            change(mount);
    }

    private static void EachEndpoint(JsonObject request, Action<JsonObject> change)
    {
        foreach (var endpoint in Endpoints(request).Select(endpoint => endpoint.Value).OfType<JsonObject>())
            change(endpoint);
    }

    private static void DropOption(JsonObject mount, string options, string name)
    {
        if (Object(mount, options) is { } given)
            Drop(given, name);
    }

    private static void Drop(JsonObject parent, string name)
    {
        if (Key(parent, name) is { } key)
            parent.Remove(key);
    }

    private static bool IsTrue(JsonObject parent, string name) => Key(parent, name) is { } key && parent[key] is JsonValue value && value.TryGetValue(out bool flag) && flag;

    private static JsonObject? Object(JsonObject parent, string name) => Key(parent, name) is { } key ? parent[key] as JsonObject : null;

    private static EngineException Refused(string message) => new(ErrorKind.InvalidArgument, message);

    private static JsonObject Host(JsonObject request) => Child(request, "HostConfig");

    private static JsonObject Child(JsonObject parent, string name)
    {
        var key = Key(parent, name);
        if (key is not null && parent[key] is { } given)
            return given as JsonObject ?? [];
        var made = new JsonObject();
        parent[key ?? name] = made;
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
