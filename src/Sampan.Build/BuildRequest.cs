using System.Collections.ObjectModel;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Images;
using Sampan.Oci.Images;
using Sampan.Storage.Images;

namespace Sampan.Build;

/// <summary>What a user asks a build for.</summary>
public sealed record BuildRequest
{
    /// <summary>The context as a tar, plain or compressed; null: <see cref="Remote"/> says where it is.</summary>
    public Stream? Context { get; init; }

    /// <summary>An URL of a context or of a Dockerfile; null: none.</summary>
    public string? Remote { get; init; }

    /// <summary>The client, if it stays connected and is asked for what the build needs; null: it has sent all.</summary>
    public Clients.IBuildClient? Client { get; init; }

    /// <summary>Gets the files of the last stage in place of an image (null: it has none), which is not made then; null: an image is made.</summary>
    public Func<ImageRecord?, CancellationToken, Task>? Output { get; init; }

    /// <summary>The Dockerfile is in a directory of its own that the client shows, wherever the context is.</summary>
    public bool HasOwnDockerfile { get; init; }

    /// <summary>The Dockerfile's path in the context.</summary>
    public string Dockerfile { get; init; } = "Dockerfile";

    /// <summary>Names of the image.</summary>
    public IReadOnlyList<ImageReference> Tags { get; init; } = [];

    /// <summary>Values for ARG; null: the variable is declared by the user and has none.</summary>
    public IReadOnlyDictionary<string, string?> Arguments { get; init; } = ReadOnlyDictionary<string, string?>.Empty;

    /// <summary>Labels of the image.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The stage that is built; null: the last.</summary>
    public string? Target { get; init; }

    /// <summary>Every step runs, whatever earlier builds left.</summary>
    public bool NoCache { get; init; }

    /// <summary>Every step of these stages runs, by name or number.</summary>
    public IReadOnlyList<string> NoCacheStages { get; init; } = [];

    /// <summary>Base images are asked for at their registries even if they are here.</summary>
    public bool Pull { get; init; }

    /// <summary>The network of RUN steps, as in <c>run --network</c>; null: the default one.</summary>
    public string? Network { get; init; }

    /// <summary>Lines for <c>/etc/hosts</c> in RUN steps, each <c>name:address</c>.</summary>
    public IReadOnlyList<string> ExtraHosts { get; init; } = [];

    /// <summary>What each RUN step may use.</summary>
    public ResourceLimits Resources { get; init; } = new();

    /// <summary>Bytes of <c>/dev/shm</c> in RUN steps; null: 64 MiB.</summary>
    public long? ShmSize { get; init; }

    /// <summary>Security options of RUN steps.</summary>
    public IReadOnlyList<string> SecurityOptions { get; init; } = [];

    /// <summary>What the image is for; null: this machine.</summary>
    public Platform? Platform { get; init; }

    /// <summary>Waits while whoever reads what the build tells has much before it; null: nothing waits.</summary>
    public Func<CancellationToken, Task>? Room { get; init; }

    /// <summary>Credentials by registry.</summary>
    public IReadOnlyDictionary<string, RegistryLogin> Logins { get; init; } = ReadOnlyDictionary<string, RegistryLogin>.Empty;

    /// <summary>What <c>RUN --mount=type=secret</c> may see, by id. In no layer, no history, no key of the cache.</summary>
    public IReadOnlyDictionary<string, byte[]> Secrets { get; init; } = ReadOnlyDictionary<string, byte[]>.Empty;

    /// <summary>Agents of the client's that <c>RUN --mount=type=ssh</c>, and git over ssh, may talk to, by id.</summary>
    public IReadOnlyList<string> SshAgents { get; init; } = [];

    /// <summary>The name that the client's <see cref="Agents.AgentLines"/> go by; null: it has none.</summary>
    public string? AgentSession { get; init; }

    /// <summary>An offer (<see cref="Builder.OfferContext"/>) by which the context lacks what is known; null: it is whole.</summary>
    public string? KnownContext { get; init; }

    /// <summary>Steps are told as <see cref="BuildMessage.StepChange"/>, several at a time, instead of text in their order.</summary>
    public bool WatchesSteps { get; init; }

    /// <summary>The files of a command that failed are kept as a step.</summary>
    public bool KeepsFailed { get; init; }

    /// <summary>Images that bring a cache, by name: exported ones, or built ones whose history has it.</summary>
    public IReadOnlyList<string> CacheSources { get; init; } = [];

    /// <summary>Where the build's cache goes; empty: it stays here.</summary>
    public IReadOnlyList<CacheTarget> CacheTargets { get; init; } = [];

    /// <summary>The image's history says the keys of its steps, so that the image brings its cache.</summary>
    public bool HasInlineCache { get; init; }

    /// <summary>
    /// Further contexts by name: <c>dir:NAME</c> is a directory of that name in the archive, below <see cref="ContextsDirectory"/>; else
    /// <c>docker-image://NAME</c>, or an address as <see cref="Remote"/> may be.
    /// </summary>
    public IReadOnlyDictionary<string, string> Contexts { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>What is granted: <c>network.host</c>, <c>security.insecure</c>, <c>device</c>.</summary>
    public IReadOnlySet<string> Entitlements { get; init; } = ReadOnlySet<string>.Empty;

    /// <summary>What the image's manifest says besides, in a registry and in an archive.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The layers of this build become one.</summary>
    public bool IsSquashed { get; init; }

    /// <summary>Where further contexts lie in the archive.</summary>
    public const string ContextsDirectory = ".sampan-contexts";
}
