using System.Collections.ObjectModel;
using Sampan.DockerApi.Containers;

namespace Sampan.DockerApi.Images;

/// <summary>What <c>POST /build</c> is asked for.</summary>
public sealed record BuildOptions
{
    /// <summary>The Dockerfile's path in the context; null: <c>Dockerfile</c>.</summary>
    public string? Dockerfile { get; init; }

    /// <summary>Names of the image.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>An URL in place of the context; null: none.</summary>
    public string? Remote { get; init; }

    /// <summary>Values for ARG.</summary>
    public IReadOnlyDictionary<string, string> Arguments { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Labels of the image.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The stage that is built; null: the last.</summary>
    public string? Target { get; init; }

    /// <summary>Every step runs.</summary>
    public bool NoCache { get; init; }

    /// <summary>Sampan only: every step of these stages runs.</summary>
    public IReadOnlyList<string> NoCacheStages { get; init; } = [];

    /// <summary>Base images are asked for at their registries.</summary>
    public bool Pull { get; init; }

    /// <summary>Only the image's id is told.</summary>
    public bool Quiet { get; init; }

    /// <summary>The network of RUN steps; null: the default one.</summary>
    public string? Network { get; init; }

    /// <summary>Lines for <c>/etc/hosts</c>.</summary>
    public IReadOnlyList<string> ExtraHosts { get; init; } = [];

    /// <summary>Bytes of memory of each RUN step; null: no limit.</summary>
    public long? Memory { get; init; }

    /// <summary>Bytes of <c>/dev/shm</c>; null: 64 MiB.</summary>
    public long? ShmSize { get; init; }

    /// <summary>Limits of RUN steps.</summary>
    public IReadOnlyList<Ulimit> Ulimits { get; init; } = [];

    /// <summary><c>os/arch</c>; null: the engine's.</summary>
    public string? Platform { get; init; }

    /// <summary>The base64url of registries' credentials; null: none.</summary>
    public string? RegistryConfig { get; init; }

    /// <summary>What <c>RUN --mount=type=secret</c> may see: an extension of Sampan's, as the base64url of a JSON object from id to base64; null: none.</summary>
    public string? Secrets { get; init; }

    /// <summary>Sampan only: SSH agents that the client forwards, by id.</summary>
    public IReadOnlyList<string> SshAgents { get; init; } = [];

    /// <summary>Sampan only: the name of the client's lines to those agents; null: it forwards none.</summary>
    public string? AgentSession { get; init; }

    /// <summary>Sampan only: the client's offer by which the context is sent, without contents that are known; null: all is sent.</summary>
    public string? KnownContext { get; init; }

    /// <summary>Sampan only: steps are told one by one, several at a time.</summary>
    public bool Steps { get; init; }

    /// <summary>Sampan only: the files of a command that failed are kept.</summary>
    public bool KeepFailed { get; init; }

    /// <summary>Bytes of memory and swap of each RUN step, -1: swap without limit; null: no limit.</summary>
    public long? MemorySwap { get; init; }

    /// <summary>The share of processor time of each RUN step; null: the usual one.</summary>
    public long? CpuShares { get; init; }

    /// <summary>Microseconds; null: the usual ones.</summary>
    public long? CpuPeriod { get; init; }

    /// <summary>Microseconds of each period; null: no limit.</summary>
    public long? CpuQuota { get; init; }

    /// <summary>Processors that RUN steps may use; null: all.</summary>
    public string? CpusetCpus { get; init; }

    /// <summary>Memory nodes that RUN steps may use; null: all.</summary>
    public string? CpusetMems { get; init; }

    /// <summary>The control group below which RUN steps are; null: the usual one.</summary>
    public string? CgroupParent { get; init; }

    /// <summary>Security options of RUN steps.</summary>
    public IReadOnlyList<string> SecurityOptions { get; init; } = [];

    /// <summary>The layers of this build become one.</summary>
    public bool Squash { get; init; }

    /// <summary>Sampan only: what the image's manifest says besides.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Images that bring a cache.</summary>
    public IReadOnlyList<string> CacheFrom { get; init; } = [];

    /// <summary>Sampan only: images that the cache becomes, <c>NAME[;push][;min][;nomounts]</c>.</summary>
    public IReadOnlyList<string> CacheTo { get; init; } = [];

    /// <summary>Sampan only: the image brings its cache.</summary>
    public bool InlineCache { get; init; }

    /// <summary>Sampan only: further contexts by name.</summary>
    public IReadOnlyDictionary<string, string> Contexts { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Sampan only: what is granted to the build.</summary>
    public IReadOnlyList<string> Allow { get; init; } = [];

    /// <summary>Sampan only: the Dockerfile is checked, nothing is built.</summary>
    public bool Check { get; init; }
}
