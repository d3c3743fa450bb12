using System.Text.Json.Nodes;
using Sampan.DockerApi.Containers;

namespace Sampan.Server.Docker;

/// <summary>The rewrites of answers.</summary>
internal static class ResponseShims
{
    internal static void RepeatEventFields(JsonObject e)
    {
        var type = (string?)e["Type"];
        if (type is not ("container" or "image"))
            return;
        e["status"] = (string?)e["Action"];
        e["id"] = (string?)e["Actor"]?["ID"];
        if ((type == "container" ? e["Actor"]?["Attributes"]?["image"] : e["Actor"]?["Attributes"]?["name"]) is { } from)
            e["from"] = (string?)from;
    }

    internal static void RepeatBridgeEndpoint(JsonObject container)
    {
        if (container["NetworkSettings"] is not JsonObject settings)
            return;
        var bridge = settings["Networks"]?["bridge"] as JsonObject;
        settings["Bridge"] = "";
        settings["HairpinMode"] = false;
        settings["LinkLocalIPv6Address"] = "";
        settings["LinkLocalIPv6PrefixLen"] = 0;
        settings["SecondaryIPAddresses"] = null;
        settings["SecondaryIPv6Addresses"] = null;
        foreach (var name in new[] { "EndpointID", "Gateway", "GlobalIPv6Address", "IPAddress", "IPv6Gateway", "MacAddress" })
            settings[name] = (string?)bridge?[name] ?? "";
        foreach (var name in new[] { "GlobalIPv6PrefixLen", "IPPrefixLen" })
            settings[name] = (int?)bridge?[name] ?? 0;
    }

    internal static void EmptyOnBuild(JsonObject container)
    {
        if (container["Config"] is JsonObject config)
            config.TryAdd("OnBuild", null);
    }

    internal static void EmptyImageFields(JsonObject image)
    {
        foreach (var name in new[] { "Parent", "Comment", "DockerVersion", "Author" })
            image.TryAdd(name, "");
        if (image["Config"] is not JsonObject config)
            return;
        foreach (var name in new[] { "Cmd", "Entrypoint", "Env", "Labels", "OnBuild", "Volumes" })
            config.TryAdd(name, null);
        foreach (var name in new[] { "User", "WorkingDir" })
            config.TryAdd(name, "");
    }

    internal static void UncountedContainers(JsonObject image) => image["Containers"] = -1;

    internal static void ContainerFieldsOfImage(JsonObject image)
    {
        if (image["Config"] is not JsonObject config)
            return;
        foreach (var name in new[] { "Hostname", "Domainname", "Image" })
            config.TryAdd(name, "");
        foreach (var name in new[] { "AttachStdin", "AttachStdout", "AttachStderr", "Tty", "OpenStdin", "StdinOnce" })
            config.TryAdd(name, false);
    }

    internal static void BridgeFiltering(JsonObject info)
    {
        // This engine does not use br_netfilter: bridged packets pass no iptables.
        info["BridgeNfIptables"] = false;
        info["BridgeNfIp6tables"] = false;
    }

    internal static void ExpectedCommits(JsonObject info)
    {
        foreach (var name in new[] { "ContainerdCommit", "RuncCommit", "InitCommit" })
        {
            if (info[name] is JsonObject commit)
                commit["Expected"] = (string?)commit["ID"];
        }

        if (info["RegistryConfig"] is JsonObject registry)
        {
            registry["AllowNondistributableArtifactsCIDRs"] = null;
            registry["AllowNondistributableArtifactsHostnames"] = null;
        }
    }

    internal static void ShortIdAlias(JsonObject container)
    {
        var id = (string?)container["Id"] ?? "";
        if (id.Length < 12 || container["NetworkSettings"]?["Networks"] is not JsonObject networks)
            return;
        foreach (var (name, endpoint) in networks)
        {
            // The predefined networks resolve no names, so they have no aliases.
            if (endpoint is not JsonObject settings || name is "bridge" or "host" or "none")
                continue;
            var aliases = settings["Aliases"] as JsonArray ?? [];
            foreach (var alias in new[] { id[..12], (string?)container["Config"]?["Hostname"] ?? "" })
            {
                if (alias.Length > 0 && !aliases.Any(known => (string?)known == alias))
                    aliases.Add((JsonNode?)JsonValue.Create(alias));
            }

            settings["Aliases"] = aliases.Parent is null ? aliases : aliases.DeepClone();
        }
    }

    /// <summary>Takes one member away.</summary>
    internal static Action<JsonObject> Without(string member) => answer => answer.Remove(member);

    /// <summary>Changes each of the containers of a list that is not written yet.</summary>
    internal static Func<object, object> EachContainer(Func<ContainerSummary, ContainerSummary> change) =>
        list => ((IReadOnlyList<ContainerSummary>)list).Select(change).ToList();

    /// <summary>Rewrites each object of a list.</summary>
    internal static void Each(JsonObject answer, string list, Action<JsonObject> rewrite)
    {
        foreach (var item in answer[list] as JsonArray ?? [])
        {
            if (item is JsonObject element)
                rewrite(element);
        }
    }

    internal static void EmptyContainers(JsonObject network) => network.TryAdd("Containers", new JsonObject());

    internal static void EmptyLists(JsonObject usage)
    {
        foreach (var list in new[] { "Images", "Containers", "Volumes", "BuildCache" })
            usage.TryAdd(list, null);
    }

    internal static void NoKernelMemory(JsonObject info)
    {
        info["KernelMemory"] = false;
        info["KernelMemoryTCP"] = false;
    }

    internal static void NoKernelMemoryLimits(JsonObject container)
    {
        if (container["HostConfig"] is not JsonObject host)
            return;
        host.TryAdd("KernelMemory", 0);
        host.TryAdd("KernelMemoryTCP", 0);
    }

    internal static void NoAnnotations(JsonObject container) => (container["HostConfig"] as JsonObject)?.Remove("Annotations");

    internal static void YearOne(JsonObject image) => image.TryAdd("Created", "0001-01-01T00:00:00Z");

    internal static void NoRuntimeStatus(JsonObject info)
    {
        foreach (var (_, runtime) in info["Runtimes"] as JsonObject ?? [])
            (runtime as JsonObject)?.Remove("status");
    }

    internal static void BuilderSize(JsonObject usage)
    {
        var size = 0L;
        Each(usage, "BuildCache", entry =>
        {
            size += (long?)entry["Size"] ?? 0;
            entry["Parent"] = (string?)(entry["Parents"] as JsonArray)?.FirstOrDefault() ?? "";
        });
        usage["BuilderSize"] = size;
    }

    internal static void NoDevices(JsonObject info) => info.Remove("DiscoveredDevices");

    internal static void NoIdentity(JsonObject image) => image.Remove("Identity");

    internal static void NoDescriptor(JsonObject image) => image.Remove("Descriptor");

    internal static void NoDescriptors(JsonObject usage)
    {
        Each(usage, "Images", NoDescriptor);
        Each(usage, "Containers", Without("ImageManifestDescriptor"));
    }

    internal static void ContainerOfImage(JsonObject image)
    {
        image["Container"] = "";
        image["ContainerConfig"] = new JsonObject
        {
            ["Hostname"] = "",
            ["Domainname"] = "",
            ["User"] = "",
            ["AttachStdin"] = false,
            ["AttachStdout"] = false,
            ["AttachStderr"] = false,
            ["Tty"] = false,
            ["OpenStdin"] = false,
            ["StdinOnce"] = false,
            ["Env"] = null,
            ["Cmd"] = null,
            ["Image"] = "",
            ["Volumes"] = null,
            ["WorkingDir"] = "",
            ["Entrypoint"] = null,
            ["OnBuild"] = null,
            ["Labels"] = null,
        };
    }

    internal static void VirtualSize(JsonObject image) => image["VirtualSize"] = (long?)image["Size"] ?? 0;

    internal static void NoneTags(JsonObject image)
    {
        if (image["RepoTags"] is not JsonArray { Count: > 0 } && image["RepoDigests"] is not JsonArray { Count: > 0 })
        {
            image["RepoTags"] = new JsonArray((JsonNode?)JsonValue.Create("<none>:<none>"));
            image["RepoDigests"] = new JsonArray((JsonNode?)JsonValue.Create("<none>@<none>"));
        }
    }

    internal static void BareSecurityOptions(JsonObject info)
    {
        if (info["SecurityOptions"] is not JsonArray options)
            return;
        var bare = new JsonArray();
        foreach (var option in options)
        {
            var text = (string?)option ?? "";
            var name = text.StartsWith("name=", StringComparison.Ordinal) ? text[5..].Split(',')[0] : text;
            bare.Add((JsonNode?)JsonValue.Create(name));
        }

        info["SecurityOptions"] = bare;
    }
}
