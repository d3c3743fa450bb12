using System.Text.Json.Nodes;
using Sampan.DockerApi;
using Sampan.DockerApi.Streams;

namespace Sampan.Server.Docker;

/// <summary>
/// What differs between the versions of the API. Handlers and mappers know the newest version alone; a request of an
/// older client is lifted to its shape, an answer lowered from it, by the rewrites of one table, newest first. Parameters
/// that came later are passed over (<see cref="Parameters"/>).
/// Source: the API's version history.
/// </summary>
internal static partial class ApiVersionShims
{
    /// <summary>Rewrites of requests, in the order in which the changes came.</summary>
    internal static IReadOnlyList<VersionShim> Requests { get; } =
    [
        new(Shape.ContainerCreate, new(1, 25), "the client removed what was to be removed at its end", RequestShims.KeepAfterEnd),
        new(Shape.ContainerCreate, new(1, 40), "shared memory could be shared by default", RequestShims.ShareableIpc),
        new(Shape.ContainerCreate, new(1, 40), "0 meant no limit of processes as well", RequestShims.DropZeroPidsLimit),
        new(Shape.ContainerCreate, new(1, 40), "binds had no NonRecursive", RequestShims.DropNonRecursive),
        new(Shape.ContainerCreate, new(1, 42), "options of other kinds of mounts were ignored", RequestShims.DropStrayMountOptions),
        new(Shape.ContainerCreate, new(1, 42), "the terminal's size was set later", RequestShims.DropConsoleSize),
        new(Shape.ContainerCreate, new(1, 43), "there were no annotations", RequestShims.DropAnnotations),
        new(Shape.ContainerCreate, new(1, 44), "probes had no interval of their own at the start", RequestShims.DropStartInterval),
        new(Shape.ContainerCreate, new(1, 44), "what was mounted below a read-only mount could be written", RequestShims.ReadOnlyNonRecursive),
        new(Shape.ContainerCreate, new(1, 44), "one network alone could be named", RequestShims.OneEndpoint),
        new(Shape.ContainerCreate, new(1, 44), "an endpoint had no hardware address of its own", RequestShims.DropEndpointAddresses),
        new(Shape.ContainerCreate, new(1, 44), "the hardware address was the container's alone", RequestShims.GiveMacAddress),
        new(Shape.ContainerCreate, new(1, 45), "no part of a volume could be mounted", RequestShims.RefuseSubpath),
        new(Shape.ContainerCreate, new(1, 48), "networks had no priority", RequestShims.DropGatewayPriority),
        new(Shape.ContainerCreate, new(1, 48), "no image could be mounted", RequestShims.RefuseImageMounts),
        new(Shape.ContainerCreate, new(1, 48), "kernel parameters of eth0 were the container's", RequestShims.MoveInterfaceParameters) { Warning = RequestShims.MovedParameters },
        new(Shape.ContainerCreate, new(1, 52), "the hardware address could be the container's", RequestShims.MoveMacAddress) { Warning = RequestShims.MovedAddress },
        new(Shape.UpdateRequest, new(1, 40), "the number of processes could not be changed", RequestShims.DropPidsLimit),
        new(Shape.UpdateRequest, new(1, 55), "limits of each block device could not be changed", RequestShims.DropDeviceLimits),
        new(Shape.ExecRequest, new(1, 42), "the terminal's size was set later", RequestShims.DropExecConsoleSize),
        new(Shape.NetworkCreate, new(1, 48), "every network had addresses of version 4", RequestShims.DropEnableIPv4),
        new(Shape.VolumeCreate, new(1, 42), "there were no cluster volumes", RequestShims.DropClusterVolume),
    ];

    /// <summary>Rewrites of answers, newest change first.</summary>
    internal static IReadOnlyList<VersionShim> Responses { get; } =
    [
        new(Shape.Info, new(1, 53), "the node resource interface was not told", ResponseShims.Without("NRI")),
        new(Shape.ImageInspect, new(1, 53), "where it comes from was not told", ResponseShims.NoIdentity),
        new(Shape.Event, new(1, 52), "status, id and from repeated the newer fields", ResponseShims.RepeatEventFields),
        new(Shape.ContainerInspect, new(1, 52), "the default bridge's endpoint was repeated", ResponseShims.RepeatBridgeEndpoint),
        new(Shape.ContainerInspect, new(1, 52), "OnBuild was there when empty", ResponseShims.EmptyOnBuild),
        new(Shape.ContainerList, new(1, 52), "health was in the status alone", ResponseShims.Without("Health")) { OfValue = ResponseShims.EachContainer(c => c with { Health = null }) },
        new(Shape.DiskUsage, new(1, 52), "health was in the status alone", usage => ResponseShims.Each(usage, "Containers", ResponseShims.Without("Health"))),
        new(Shape.NetworkList, new(1, 52), "containers were there when not told", ResponseShims.EmptyContainers),
        new(Shape.DiskUsage, new(1, 52), "lists were there when not asked for", ResponseShims.EmptyLists),
        new(Shape.NetworkInspect, new(1, 52), "addresses were not counted", ResponseShims.Without("Status")),
        new(Shape.NetworkList, new(1, 52), "addresses were not counted", ResponseShims.Without("Status")),
        new(Shape.ImageInspect, new(1, 52), "fields were there when empty", ResponseShims.EmptyImageFields),
        new(Shape.ImageList, new(1, 51), "containers were not counted", ResponseShims.UncountedContainers),
        new(Shape.ImageInspect, new(1, 50), "the configuration had a container's fields", ResponseShims.ContainerFieldsOfImage),
        new(Shape.Info, new(1, 50), "devices by name were not told", ResponseShims.NoDevices),
        new(Shape.Info, new(1, 50), "bridge filtering was reported", ResponseShims.BridgeFiltering),
        new(Shape.Info, new(1, 49), "the firewall was not told", ResponseShims.Without("FirewallBackend")),
        new(Shape.Info, new(1, 49), "expected commits and non-distributable artifacts were reported", ResponseShims.ExpectedCommits),
        new(Shape.ImageInspect, new(1, 48), "what the name stands for was not told", ResponseShims.NoDescriptor),
        new(Shape.ImageList, new(1, 48), "what the name stands for was not told", ResponseShims.NoDescriptor),
        new(Shape.ContainerInspect, new(1, 48), "the manifest was not told", ResponseShims.Without("ImageManifestDescriptor")),
        new(Shape.ContainerList, new(1, 48), "the manifest was not told", ResponseShims.Without("ImageManifestDescriptor")) { OfValue = ResponseShims.EachContainer(c => c with { ImageManifestDescriptor = null }) },
        new(Shape.DiskUsage, new(1, 48), "what names stand for was not told", ResponseShims.NoDescriptors),
        new(Shape.DiskUsage, new(1, 46), "annotations were not told", usage => ResponseShims.Each(usage, "Containers", ResponseShims.NoAnnotations)),
        new(Shape.ContainerList, new(1, 46), "annotations were not told", ResponseShims.NoAnnotations) { OfValue = ResponseShims.EachContainer(c => c with { HostConfig = c.HostConfig is { } host ? host with { Annotations = null } : null }) },
        new(Shape.Info, new(1, 46), "containerd was not told", ResponseShims.Without("Containerd")),
        new(Shape.ContainerInspect, new(1, 45), "aliases held the short id and the host name", ResponseShims.ShortIdAlias),
        new(Shape.ImageInspect, new(1, 45), "the container that made the image was named", ResponseShims.ContainerOfImage),
        new(Shape.ImageInspect, new(1, 44), "VirtualSize repeated Size", ResponseShims.VirtualSize),
        new(Shape.ImageList, new(1, 44), "VirtualSize repeated Size", ResponseShims.VirtualSize),
        new(Shape.DiskUsage, new(1, 44), "VirtualSize repeated Size", usage => ResponseShims.Each(usage, "Images", ResponseShims.VirtualSize)),
        new(Shape.ImageInspect, new(1, 44), "an image without a date was of the year 1", ResponseShims.YearOne),
        new(Shape.Info, new(1, 44), "runtimes had no status", ResponseShims.NoRuntimeStatus),
        new(Shape.DiskUsage, new(1, 43), "untagged images had a tag called <none>", usage => ResponseShims.Each(usage, "Images", ResponseShims.NoneTags)),
        new(Shape.ImageList, new(1, 43), "untagged images had a tag called <none>", ResponseShims.NoneTags),
        new(Shape.DiskUsage, new(1, 42), "the builder's size was told apart, records had one parent", ResponseShims.BuilderSize),
        new(Shape.ContainerInspect, new(1, 42), "limits of kernel memory were there when not set", ResponseShims.NoKernelMemoryLimits),
        new(Shape.Info, new(1, 42), "limits of kernel memory were told when they cannot be set", ResponseShims.NoKernelMemory),
        new(Shape.Info, new(1, 25), "security options were bare names", ResponseShims.BareSecurityOptions),
    ];

    /// <summary>Whether a request of that version needs rewriting.</summary>
    internal static bool Lifts(Shape shape, ApiVersion version) => Applies(Requests, shape, version);

    /// <summary>Whether an answer for that version needs rewriting.</summary>
    internal static bool Lowers(Shape shape, ApiVersion version) => Applies(Responses, shape, version);

    /// <summary>Rewrites an answer before it is written; false: not all that applies can be done so.</summary>
    internal static bool TryLowerValue<T>(Shape shape, ApiVersion version, ref T value)
        where T : notnull
    {
        object lowered = value;
        foreach (var shim in Responses)
        {
            if (shim.Shape != shape || version >= shim.Below)
                continue;
            if (shim.OfValue is null)
                return false;
            lowered = shim.OfValue(lowered);
        }

        value = (T)lowered;
        return true;
    }

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

    /// <summary>Whether images are saved and loaded for several platforms at a time: since 1.52.</summary>
    internal static bool TakesSeveralPlatforms(ApiVersion version) => version >= new ApiVersion(1, 52);

    /// <summary>Whether attaching by WebSocket names the streams: since 1.42; before, it was all of them.</summary>
    internal static bool ChoosesWebSocketStreams(ApiVersion version) => version >= new ApiVersion(1, 42);

    /// <summary>The cgroup namespace of who names none: before 1.41, where the machine has cgroups v1, the host's. Null: the engine's default.</summary>
    internal static string? DefaultCgroupNamespace(ApiVersion version, int cgroups) => version < new ApiVersion(1, 41) && cgroups == 1 ? "host" : null;

    /// <summary>Whether what is mounted below a bind that is read-only is read-only too: since 1.44.</summary>
    internal static bool BindsRecursivelyReadOnly(ApiVersion version) => version >= new ApiVersion(1, 44);

    /// <summary>Whether the making of an image is an event: since 1.46.</summary>
    internal static bool TellsImageCreation(ApiVersion version) => version >= new ApiVersion(1, 46);

    /// <summary>Whether a wait has a condition and answers with its head at once: since 1.30.</summary>
    internal static bool WaitsByCondition(ApiVersion version) => version >= new ApiVersion(1, 30);

    /// <summary>Whether a wait for a removal tells that it failed: since 1.34. Before, it answered with nothing.</summary>
    internal static bool TellsFailedRemoval(ApiVersion version) => version >= new ApiVersion(1, 34);

    /// <summary>Whether a list of networks tells who is on them: before 1.28.</summary>
    internal static bool ListsNetworkMembers(ApiVersion version) => version < new ApiVersion(1, 28);

    /// <summary>Whether what is sent over a WebSocket is binary: since 1.28.</summary>
    internal static bool SendsBinaryFrames(ApiVersion version) => version >= new ApiVersion(1, 28);

    /// <summary>Whether a container tells the hardware address that was asked for: until 1.51.</summary>
    internal static bool TellsWantedAddress(ApiVersion version) => version < new ApiVersion(1, 52);

    /// <summary>What a client is to be warned of, by its request as it came.</summary>
    internal static IEnumerable<string> Warnings(Shape shape, ApiVersion version, JsonObject document) =>
        Requests.Where(shim => shim.Shape == shape && version < shim.Below).Select(shim => shim.Warning?.Invoke(document, version)).OfType<string>();

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
