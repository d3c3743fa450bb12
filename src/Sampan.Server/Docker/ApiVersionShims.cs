using System.Text.Json.Nodes;
using Sampan.DockerApi;
using Sampan.DockerApi.Streams;

namespace Sampan.Server.Docker;

/// <summary>
/// What differs between the versions of the API. Handlers and mappers know the newest version alone; a request of an
/// older client is lifted to its shape, an answer lowered from it, by the rewrites of one table, newest first.
/// Source: the API's version history.
/// </summary>
internal static class ApiVersionShims
{
    /// <summary>Rewrites of requests, in the order in which the changes came.</summary>
    internal static IReadOnlyList<VersionShim> Requests { get; } =
    [
        new(Shape.ContainerCreate, new(1, 40), "shared memory could be shared by default", RequestShims.ShareableIpc),
        new(Shape.ContainerCreate, new(1, 40), "0 meant no limit of processes as well", RequestShims.DropZeroPidsLimit),
        new(Shape.ContainerCreate, new(1, 41), "the default cgroup namespace was the host's", RequestShims.HostCgroupNamespace),
        new(Shape.ContainerCreate, new(1, 42), "the kernel memory limit was ignored with a warning", RequestShims.DropKernelMemory),
        new(Shape.ContainerCreate, new(1, 52), "the hardware address was the container's", RequestShims.MoveMacAddress),
        new(Shape.UpdateRequest, new(1, 42), "the kernel memory limit was ignored with a warning", RequestShims.DropKernelMemory),
    ];

    /// <summary>Rewrites of answers, newest change first.</summary>
    internal static IReadOnlyList<VersionShim> Responses { get; } =
    [
        new(Shape.ImageInspect, new(1, 53), "where it comes from was not told", ResponseShims.NoIdentity),
        new(Shape.Event, new(1, 52), "status, id and from repeated the newer fields", ResponseShims.RepeatEventFields),
        new(Shape.ContainerInspect, new(1, 52), "the default bridge's endpoint was repeated", ResponseShims.RepeatBridgeEndpoint),
        new(Shape.ContainerInspect, new(1, 52), "OnBuild was there when empty", ResponseShims.EmptyOnBuild),
        new(Shape.ImageInspect, new(1, 52), "fields were there when empty", ResponseShims.EmptyImageFields),
        new(Shape.ImageList, new(1, 51), "containers were not counted", ResponseShims.UncountedContainers),
        new(Shape.ImageInspect, new(1, 50), "the configuration had a container's fields", ResponseShims.ContainerFieldsOfImage),
        new(Shape.Info, new(1, 50), "devices by name were not told", ResponseShims.NoDevices),
        new(Shape.Info, new(1, 50), "bridge filtering was reported", ResponseShims.BridgeFiltering),
        new(Shape.Info, new(1, 49), "expected commits and non-distributable artifacts were reported", ResponseShims.ExpectedCommits),
        new(Shape.ImageInspect, new(1, 48), "what the name stands for was not told", ResponseShims.NoDescriptor),
        new(Shape.ImageList, new(1, 48), "what the name stands for was not told", ResponseShims.NoDescriptor),
        new(Shape.ContainerInspect, new(1, 45), "aliases held the short id", ResponseShims.ShortIdAlias),
        new(Shape.ImageInspect, new(1, 45), "the container that made the image was named", ResponseShims.ContainerOfImage),
        new(Shape.ImageInspect, new(1, 44), "VirtualSize repeated Size", ResponseShims.VirtualSize),
        new(Shape.ImageList, new(1, 44), "VirtualSize repeated Size", ResponseShims.VirtualSize),
        new(Shape.ImageList, new(1, 43), "untagged images had a tag called <none>", ResponseShims.NoneTags),
        new(Shape.Info, new(1, 25), "security options were bare names", ResponseShims.BareSecurityOptions),
    ];

    /// <summary>Whether a request of that version needs rewriting.</summary>
    internal static bool Lifts(Shape shape, ApiVersion version) => Applies(Requests, shape, version);

    /// <summary>Whether an answer for that version needs rewriting.</summary>
    internal static bool Lowers(Shape shape, ApiVersion version) => Applies(Responses, shape, version);

    /// <summary>Rewrites a request to the newest version's shape.</summary>
    internal static void Lift(Shape shape, ApiVersion version, JsonObject document) => Apply(Requests, shape, version, document);

    /// <summary>Rewrites an answer, an object or a list of them, to the version's shape.</summary>
    internal static void Lower(Shape shape, ApiVersion version, JsonNode? answer)
    {
        if (answer is JsonObject document)
            Apply(Responses, shape, version, document);
        foreach (var item in answer as JsonArray ?? [])
        {
            if (item is JsonObject element)
                Apply(Responses, shape, version, element);
        }
    }

    /// <summary>The media type of attached streams and logs: told apart since 1.42.</summary>
    internal static string StreamMediaType(ApiVersion version, bool raw) =>
        raw || version < new ApiVersion(1, 42) ? StreamFraming.RawMediaType : StreamFraming.MultiplexedMediaType;

    /// <summary>Whether pruning takes named volumes too without being asked: so it was before 1.42.</summary>
    internal static bool PrunesNamedVolumes(ApiVersion version) => version < new ApiVersion(1, 42);

    /// <summary>Whether disk usage is told in lists (until 1.52) and in sums (from 1.52 on).</summary>
    internal static (bool Lists, bool Sums) DiskUsageForms(ApiVersion version) =>
        (version < new ApiVersion(1, 53), version >= new ApiVersion(1, 52));

    /// <summary>Whether a list of images can be asked where they come from: since 1.54.</summary>
    internal static bool KnowsImageIdentity(ApiVersion version) => version >= new ApiVersion(1, 54);

    private static bool Applies(IReadOnlyList<VersionShim> table, Shape shape, ApiVersion version)
    {
        foreach (var shim in table)
        {
            if (shim.Shape == shape && version < shim.Below)
                return true;
        }

        return false;
    }

    private static void Apply(IReadOnlyList<VersionShim> table, Shape shape, ApiVersion version, JsonObject document)
    {
        foreach (var shim in table)
        {
            if (shim.Shape == shape && version < shim.Below)
                shim.Rewrite(document);
        }
    }
}
