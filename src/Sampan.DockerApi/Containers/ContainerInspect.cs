using System.Text.Json.Serialization;
using Sampan.DockerApi.Images;

namespace Sampan.DockerApi.Containers;

/// <summary>The answer of GET /containers/{id}/json.</summary>
public sealed record ContainerInspect
{
    /// <summary>The container's id.</summary>
    public string Id { get; init => field = value ?? ""; } = "";

    /// <summary>When it was created, RFC 3339.</summary>
    public string Created { get; init => field = value ?? ""; } = "";

    /// <summary>The program.</summary>
    public string Path { get; init => field = value ?? ""; } = "";

    /// <summary>The program's arguments.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Args { get; init; }

    /// <summary>What it is doing.</summary>
    public ContainerState? State { get; init; }

    /// <summary>The image's id.</summary>
    public string Image { get; init => field = value ?? ""; } = "";

    /// <summary>Path of its resolv.conf on the host.</summary>
    public string ResolvConfPath { get; init => field = value ?? ""; } = "";

    /// <summary>Path of its hostname file on the host.</summary>
    public string HostnamePath { get; init => field = value ?? ""; } = "";

    /// <summary>Path of its hosts file on the host.</summary>
    public string HostsPath { get; init => field = value ?? ""; } = "";

    /// <summary>Path of its log on the host.</summary>
    public string LogPath { get; init => field = value ?? ""; } = "";

    /// <summary>Its name, with a slash in front.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>How often the engine started it again.</summary>
    public int RestartCount { get; init; }

    /// <summary>The storage driver.</summary>
    public string Driver { get; init => field = value ?? ""; } = "";

    /// <summary>The operating system.</summary>
    public string Platform { get; init => field = value ?? ""; } = "";

    /// <summary>The image manifest it was made from.</summary>
    public OciDescriptor? ImageManifestDescriptor { get; init; }

    /// <summary>SELinux label of its mounts.</summary>
    public string MountLabel { get; init => field = value ?? ""; } = "";

    /// <summary>SELinux label of its processes.</summary>
    public string ProcessLabel { get; init => field = value ?? ""; } = "";

    /// <summary>Its AppArmor profile.</summary>
    public string AppArmorProfile { get; init => field = value ?? ""; } = "";

    /// <summary>Ids of its running execs.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? ExecIDs { get; init; }

    /// <summary>The host's part of the configuration.</summary>
    public HostConfig? HostConfig { get; init; }

    /// <summary>Where the storage driver keeps it.</summary>
    public DriverData? GraphDriver { get; init; }

    /// <summary>Bytes it has written; null: not asked for.</summary>
    public long? SizeRw { get; init; }

    /// <summary>Bytes of its whole root filesystem; null: not asked for.</summary>
    public long? SizeRootFs { get; init; }

    /// <summary>What is mounted in it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<MountPoint>? Mounts { get; init; }

    /// <summary>The portable part of the configuration.</summary>
    public ContainerConfig? Config { get; init; }

    /// <summary>Its network endpoints and published ports.</summary>
    public NetworkSettings? NetworkSettings { get; init; }
}
