using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Containers.Mounts;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Health;

namespace Sampan.Engine.Containers;

/// <summary>All that is known of a container at one moment; immutable, replaced whole.</summary>
public sealed record ContainerSnapshot
{
    /// <summary>64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>The name without a leading slash.</summary>
    public required string Name { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The image's id, <c>sha256:…</c>.</summary>
    public required string ImageId { get; init; }

    /// <summary>The wish, with what the image says filled in: environment, command, entry point, user, labels, ports, volumes.</summary>
    public required ContainerSpec Spec { get; init; }

    /// <summary>Where it is in its life.</summary>
    public required ContainerState State { get; init; }

    /// <summary>The mounts as resolved at creation.</summary>
    public IReadOnlyList<MountPoint> Mounts { get => field ?? []; init; }

    /// <summary>The networks it is configured for.</summary>
    public IReadOnlyList<EndpointSnapshot> Endpoints { get => field ?? []; init; }

    /// <summary>How the previous run ended; null: there was none.</summary>
    public ExitStatus? LastExit { get; init; }

    /// <summary>How often the restart policy has started it since a person last did.</summary>
    public int RestartCount { get; init; }

    /// <summary>How many of these restarts no longer count against the policy's limit, because a run after them lasted long enough.</summary>
    public int RestartsForgiven { get; init; }

    /// <summary>When the restart policy starts it next; null: it does not.</summary>
    public DateTimeOffset? RestartsAt { get; init; }

    /// <summary>A person stopped it, so <c>unless-stopped</c> leaves it alone.</summary>
    public bool StoppedByUser { get; init; }

    /// <summary>It is being stopped to be started again: a daemon that finds this does so.</summary>
    public bool IsRestarting { get; init; }

    /// <summary>It became unhealthy and is being ended, to be started again.</summary>
    public bool EndsUnhealthy { get; init; }

    /// <summary>It is killed to be removed: a daemon that finds this goes on. Null: it is not.</summary>
    public RemoveOptions? Removal { get; init; }

    /// <summary>These limits are being given to what runs, and <see cref="Spec"/> has them already: a daemon that finds this goes on. Null: none are.</summary>
    public ResourceLimits? ChangingLimits { get; init; }

    /// <summary>What its probes say; null: it has none, or never ran.</summary>
    public HealthReport? Health { get; init; }

    /// <summary>The running execs' ids.</summary>
    public IReadOnlyList<string> ExecIds { get => field ?? []; init; }

    /// <summary>The storage driver.</summary>
    public string Driver { get => field ?? "overlay2"; init; }

    /// <summary>The image's platform, <c>linux/amd64</c>.</summary>
    public string Platform { get => field ?? "linux"; init; }

    /// <summary>The directory of the container's own files.</summary>
    public required string Directory { get; init; }

    /// <summary>The control group that it was started in last; null: it never was, or by a version that did not write it down. The daemon's settings may name another by now.</summary>
    public string? CgroupPath { get; init; }

    /// <summary>The log; null: the driver keeps none.</summary>
    public string? LogPath { get; init; }

    /// <summary>Mounted on <c>/etc/hostname</c>.</summary>
    public string HostnamePath => Path.Combine(Directory, "hostname");

    /// <summary>Mounted on <c>/etc/hosts</c>.</summary>
    public string HostsPath => Path.Combine(Directory, "hosts");

    /// <summary>Mounted on <c>/etc/resolv.conf</c>.</summary>
    public string ResolvConfPath => Path.Combine(Directory, "resolv.conf");

    /// <summary>Program and arguments as they are executed.</summary>
    public IReadOnlyList<string> Argv => [.. (Spec.Entrypoint is [""] ? [] : Spec.Entrypoint) ?? [], .. Spec.Command ?? []];

    /// <summary>True while there is a process: running, paused or stopping.</summary>
    public bool IsRunning => State.ProcessId is not null;
}
