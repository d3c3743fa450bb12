using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sampan.Build;
using Sampan.Engine;
using Sampan.Engine.Containers.Wishes;

namespace Sampan.Server.Docker;

/// <summary>What the endpoints serve: the engine, and what only the daemon around it knows.</summary>
public sealed record DockerDaemon
{
    /// <summary>The engine.</summary>
    public required ContainerEngine Engine { get; init; }

    /// <summary>Builds images; null: this daemon does not.</summary>
    public Builder? Builder { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Where what serves on connections of its own logs.</summary>
    public ILoggerFactory Logs { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The daemon logs at debug level; reported by <c>info</c>.</summary>
    public Func<bool> Debug { get; init; } = () => false;

    /// <summary>The logging driver of containers that ask for none; reported by <c>info</c>.</summary>
    public string LogDriver { get; init; } = "json-file";

    /// <summary>The daemon's labels; reported by <c>info</c>.</summary>
    public Func<IReadOnlyList<string>> Labels { get; init; } = () => [];

    /// <summary>Registries that may be reached without TLS; reported by <c>info</c>.</summary>
    public IReadOnlyList<string> InsecureRegistries { get; init; } = [];

    /// <summary>Mirrors of Docker's own registry; reported by <c>info</c>.</summary>
    public IReadOnlyList<string> RegistryMirrors { get; init; } = [];

    /// <summary>Where new networks get subnets, if the user said so; reported by <c>info</c>.</summary>
    public IReadOnlyList<(string Base, int Size)> AddressPools { get; init; } = [];

    /// <summary>Limits of processes for containers that do not give them themselves.</summary>
    public IReadOnlyList<UlimitSpec> DefaultUlimits { get; init; } = [];

    /// <summary>The plugins that each request and answer is shown to, in order; they may deny them.</summary>
    public IReadOnlyList<string> AuthorizationPlugins { get; init; } = [];

    /// <summary>Addresses at which whoever connects may do all, with what is missing there: <c>http://0.0.0.0:2375 without encryption</c>.</summary>
    public IReadOnlyList<string> OpenAddresses { get; init; } = [];

    /// <summary>Clients may offer what Docker calls experimental.</summary>
    public bool IsExperimental { get; init; }

    /// <summary>The version of cgroups that containers get on this machine, 1 or 2.</summary>
    public int CgroupVersion { get; init; } = HostFacts.CgroupVersion();

    /// <summary>Cancelled when the daemon stops: answers that would last for ever end then.</summary>
    public CancellationToken Stopping { get; init; }
}
