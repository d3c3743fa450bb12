using System.Collections.ObjectModel;
using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Containers.Mounts;
using Sampan.Engine.Containers.Streams;
using Sampan.Oci.Images;

namespace Sampan.Engine.Containers.Wishes;

/// <summary>
/// What the user asked for: the one representation of a wish for a container. The server makes it from Docker's request
/// and makes Docker's words from it again; the engine fills in what the image says (see <see cref="ContainerSnapshot.Spec"/>)
/// and persists it. Null means "not given"; collections are empty, not null, unless the difference means something.
/// </summary>
public sealed record ContainerSpec
{
    /// <summary>The image as the user named it.</summary>
    public required string Image { get; init; }

    /// <summary>Where the client keeps the id (reported, not acted on); null: nowhere.</summary>
    public string? IdFile { get; init; }

    /// <summary>The host name; null: the first 12 digits of the id, or the host's own in its UTS namespace.</summary>
    public string? Hostname { get; init; }

    /// <summary>The domain name appended to the host name in <c>/etc/hosts</c>.</summary>
    public string? Domainname { get; init; }

    /// <summary><c>user[:group]</c>, names or numbers; null: the image's.</summary>
    public string? User { get; init; }

    /// <summary>Further groups, names or numbers.</summary>
    public IReadOnlyList<string> GroupAdd { get => field ?? []; init; }

    /// <summary>The creator meant to attach standard input (reported, not acted on).</summary>
    public bool AttachStdin { get; init; }

    /// <summary>The creator meant to attach standard output (reported, not acted on).</summary>
    public bool AttachStdout { get; init; }

    /// <summary>The creator meant to attach standard error (reported, not acted on).</summary>
    public bool AttachStderr { get; init; }

    /// <summary>A pseudo-terminal is the process's standard input, output and error.</summary>
    public bool Tty { get; init; }

    /// <summary>Standard input is a pipe that attachments can write to, instead of <c>/dev/null</c>.</summary>
    public bool OpenStdin { get; init; }

    /// <summary>Standard input is closed when the first attachment that wrote to it goes.</summary>
    public bool StdinOnce { get; init; }

    /// <summary><c>NAME=value</c>, or <c>NAME</c> alone to drop an image's variable.</summary>
    public IReadOnlyList<string> Env { get => field ?? []; init; }

    /// <summary>Arguments, or program and arguments when there is no entry point; null: the image's.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>The program put before <see cref="Command"/>; null: the image's; empty: none.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>The directory to start in, made if missing; null: the image's.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The user's labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>OCI annotations handed to the runtime.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>The signal that asks the process to end, such as <c>SIGTERM</c> or <c>15</c>; null: the image's, else SIGTERM.</summary>
    public string? StopSignal { get; init; }

    /// <summary>Seconds between that signal and SIGKILL; null: the engine's 10; -1: wait for ever.</summary>
    public int? StopTimeout { get; init; }

    /// <summary>How its health is found out; null: the image's way.</summary>
    public HealthProbe? Healthcheck { get; init; }

    /// <summary>The image's shell for <c>CMD-SHELL</c>; null: <c>/bin/sh -c</c>.</summary>
    public IReadOnlyList<string>? Shell { get; init; }

    /// <summary>Options of the storage driver: <c>size</c>; empty: none.</summary>
    public IReadOnlyDictionary<string, string> StorageOptions { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>Instructions for images made from the container's image (reported, not acted on).</summary>
    public IReadOnlyList<string> OnBuild { get => field ?? []; init; }

    /// <summary>Ports the container is known to listen on.</summary>
    public IReadOnlyList<ContainerPort> ExposedPorts { get => field ?? []; init; }

    /// <summary>Ports of the host that lead into the container.</summary>
    public IReadOnlyList<PublishedPort> PublishedPorts { get => field ?? []; init; }

    /// <summary>Publish each exposed port on a free port of the host (<c>-P</c>).</summary>
    public bool PublishAllPorts { get; init; }

    /// <summary>What networks the container joins and how.</summary>
    public NetworkWish Network { get => field ?? new(); init; }

    /// <summary>Paths that get an anonymous volume each (<c>-v /path</c>, Docker's <c>Config.Volumes</c>).</summary>
    public IReadOnlyList<string> AnonymousVolumes { get => field ?? []; init; }

    /// <summary><c>-v source:target[:options]</c>.</summary>
    public IReadOnlyList<BindSpec> Binds { get => field ?? []; init; }

    /// <summary>The driver of volumes that are made for it and say none; null: local.</summary>
    public string? VolumeDriver { get; init; }

    /// <summary><c>--mount</c>.</summary>
    public IReadOnlyList<MountSpec> Mounts { get => field ?? []; init; }

    /// <summary><c>--tmpfs</c>: path to options as in mount(8), possibly empty.</summary>
    public IReadOnlyDictionary<string, string> Tmpfs { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>Containers whose volumes are mounted here too, each <c>name[:ro|rw]</c>.</summary>
    public IReadOnlyList<string> VolumesFrom { get => field ?? []; init; }

    /// <summary>How output is logged.</summary>
    public LogWish Log { get => field ?? new(); init; }

    /// <summary>What follows an exit.</summary>
    public RestartPolicy Restart { get => field ?? RestartPolicy.No; init; }

    /// <summary>The container is removed after it ended (<c>--rm</c>).</summary>
    public bool AutoRemove { get; init; }

    /// <summary>Limits and shares.</summary>
    public ResourceLimits Resources { get => field ?? new(); init; }

    /// <summary>What the process may do.</summary>
    public SecurityWish Security { get => field ?? new(); init; }

    /// <summary>Which namespaces are shared with whom.</summary>
    public NamespaceWish Namespaces { get => field ?? new(); init; }

    /// <summary>Kernel parameters of the container's namespaces (<c>--sysctl</c>).</summary>
    public IReadOnlyDictionary<string, string> Sysctls { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>The size of <c>/dev/shm</c> in bytes; null: 64 MiB.</summary>
    public long? ShmSize { get; init; }

    /// <summary>The runtime asked for by name; null: the engine's own, which is the only one.</summary>
    public string? Runtime { get; init; }

    /// <summary>A small init reaps orphans as PID 1; null: no.</summary>
    public bool? Init { get; init; }

    /// <summary>The platform the image was resolved for, <c>os/arch[/variant]</c>; null: the host's.</summary>
    public string? Platform { get; init; }

    /// <summary>The terminal's first size, rows and columns; null: none given.</summary>
    public TerminalSize? ConsoleSize { get; init; }
}
