using System.Text.Json.Serialization;
using Sampan.DockerApi.Images;

namespace Sampan.DockerApi.Containers;

/// <summary>One entry of GET /containers/json.</summary>
public sealed record ContainerSummary
{
    /// <summary>The container's id.</summary>
    public string Id { get; init => field = value ?? ""; } = "";

    /// <summary>Its names, with a slash in front.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>The image as it was named, or its id.</summary>
    public string Image { get; init => field = value ?? ""; } = "";

    /// <summary>The image's id.</summary>
    public string ImageID { get; init => field = value ?? ""; } = "";

    /// <summary>The image manifest it was made from.</summary>
    public OciDescriptor? ImageManifestDescriptor { get; init; }

    /// <summary>The command line.</summary>
    public string Command { get; init => field = value ?? ""; } = "";

    /// <summary>When it was created, seconds since 1970.</summary>
    public long Created { get; init; }

    /// <summary>Its ports.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<PortSummary>? Ports { get; init; }

    /// <summary>Bytes it has written; null: not asked for.</summary>
    public long? SizeRw { get; init; }

    /// <summary>Bytes of its whole root filesystem; null: not asked for.</summary>
    public long? SizeRootFs { get; init; }

    /// <summary>Its labels.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>created, running, paused, restarting, removing, exited or dead.</summary>
    public string State { get; init => field = value ?? ""; } = "";

    /// <summary>The state in words, such as 'Up 5 minutes'.</summary>
    public string Status { get; init => field = value ?? ""; } = "";

    /// <summary>Some of the host's part of the configuration.</summary>
    public ContainerSummaryHostConfig? HostConfig { get; init; }

    /// <summary>Its endpoints.</summary>
    public ContainerSummaryNetworks? NetworkSettings { get; init; }

    /// <summary>What is mounted in it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<MountPoint>? Mounts { get; init; }

    /// <summary>Its health; null: not told.</summary>
    public ContainerSummaryHealth? Health { get; init; }
}
