using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Containers;

/// <summary>What of a container depends on its host: mounts, ports, privileges, limits.</summary>
public sealed record HostConfig : Resources
{
    /// <summary>Mounts as source:target[:options].</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Binds { get; init; }

    /// <summary>Path of the client's file that got the id.</summary>
    public string ContainerIDFile { get; init => field = value ?? ""; } = "";

    /// <summary>Where the output goes; null: the engine's default.</summary>
    public LogConfig? LogConfig { get; init; }

    /// <summary>bridge, host, none, container:ID, default, or a network's name.</summary>
    public string NetworkMode { get; init => field = value ?? ""; } = "";

    /// <summary>Published ports, by 'port/protocol'.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?>? PortBindings { get; init; }

    /// <summary>When to start again; null: never.</summary>
    public RestartPolicy? RestartPolicy { get; init; }

    /// <summary>Whether the container is removed when it ends.</summary>
    public bool AutoRemove { get; init; }

    /// <summary>Driver of volumes made for this container.</summary>
    public string VolumeDriver { get; init => field = value ?? ""; } = "";

    /// <summary>Containers whose volumes are mounted too.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? VolumesFrom { get; init; }

    /// <summary>Height and width of the terminal at the start.</summary>
    public IReadOnlyList<int>? ConsoleSize { get; init; }

    /// <summary>Annotations handed to the runtime.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>Capabilities added to the default set.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? CapAdd { get; init; }

    /// <summary>Capabilities taken from the default set.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? CapDrop { get; init; }

    /// <summary>private or host; empty: the engine's default.</summary>
    public string CgroupnsMode { get; init => field = value ?? ""; } = "";

    /// <summary>DNS servers.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Dns { get; init; }

    /// <summary>Options of resolv.conf.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? DnsOptions { get; init; }

    /// <summary>DNS search domains.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? DnsSearch { get; init; }

    /// <summary>Lines for /etc/hosts as name:address.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? ExtraHosts { get; init; }

    /// <summary>Further groups of the process.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? GroupAdd { get; init; }

    /// <summary>none, private, shareable, host or container:ID; empty: the engine's default.</summary>
    public string IpcMode { get; init => field = value ?? ""; } = "";

    /// <summary>Unused by today's engines.</summary>
    public string Cgroup { get; init => field = value ?? ""; } = "";

    /// <summary>Links to other containers as container:alias.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Links { get; init; }

    /// <summary>-1000 to 1000.</summary>
    public int OomScoreAdj { get; init; }

    /// <summary>host or container:ID; empty: a PID namespace of its own.</summary>
    public string PidMode { get; init => field = value ?? ""; } = "";

    /// <summary>Whether the container gets everything the engine has.</summary>
    public bool Privileged { get; init; }

    /// <summary>Whether all exposed ports get a free port of the host.</summary>
    public bool PublishAllPorts { get; init; }

    /// <summary>Whether the root filesystem is read-only.</summary>
    public bool ReadonlyRootfs { get; init; }

    /// <summary>Security options: seccomp, apparmor, no-new-privileges, label, systempaths.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? SecurityOpt { get; init; }

    /// <summary>Options of the storage driver.</summary>
    public IReadOnlyDictionary<string, string>? StorageOpt { get; init; }

    /// <summary>Temporary filesystems: mount options by path.</summary>
    public IReadOnlyDictionary<string, string>? Tmpfs { get; init; }

    /// <summary>host, or empty: a UTS namespace of its own.</summary>
    public string UTSMode { get; init => field = value ?? ""; } = "";

    /// <summary>host, or empty: the engine's default.</summary>
    public string UsernsMode { get; init => field = value ?? ""; } = "";

    /// <summary>Size of /dev/shm in bytes; 0: 64 MiB.</summary>
    public long ShmSize { get; init; }

    /// <summary>Namespaced kernel parameters.</summary>
    public IReadOnlyDictionary<string, string>? Sysctls { get; init; }

    /// <summary>Name of the OCI runtime; empty: the engine's default.</summary>
    public string Runtime { get; init => field = value ?? ""; } = "";

    /// <summary>Windows only.</summary>
    public string Isolation { get; init => field = value ?? ""; } = "";

    /// <summary>Mounts in the long form.</summary>
    public IReadOnlyList<MountRequest>? Mounts { get; init; }

    /// <summary>Paths hidden in the container; null: the default list.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? MaskedPaths { get; init; }

    /// <summary>Paths read-only in the container; null: the default list.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? ReadonlyPaths { get; init; }

    /// <summary>Whether an init process reaps the container's orphans; null: the engine's default.</summary>
    public bool? Init { get; init; }
}
