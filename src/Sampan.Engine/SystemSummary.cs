namespace Sampan.Engine;

/// <summary>What <c>docker info</c> tells of the engine and its machine.</summary>
public sealed record SystemSummary
{
    /// <summary>This engine's own id, made once per data root.</summary>
    public required string Id { get; init; }

    /// <summary>Containers with a process.</summary>
    public int Running { get; init; }

    /// <summary>Frozen containers.</summary>
    public int Paused { get; init; }

    /// <summary>All others.</summary>
    public int Stopped { get; init; }

    /// <summary>Users of containers are others on the host.</summary>
    public bool MapsUsers { get; init; }

    /// <summary>Programs of containers gain no privileges by execve, unless their security options say otherwise.</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary>Images.</summary>
    public int Images { get; init; }

    /// <summary>The storage driver.</summary>
    public required string Driver { get; init; }

    /// <summary>The storage driver's facts, name and value.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> DriverStatus { get; init; } = [];

    /// <summary>1 or 2.</summary>
    public int CgroupVersion { get; init; }

    /// <summary>Who makes the control groups: <c>cgroupfs</c>, the engine itself, or <c>systemd</c>.</summary>
    public string CgroupDriver { get; init; } = "cgroupfs";

    /// <summary>As uname(2) says it.</summary>
    public required string KernelVersion { get; init; }

    /// <summary>The distribution's pretty name.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>The distribution's version.</summary>
    public string OsVersion { get; init; } = "";

    /// <summary>The machine's word for its architecture, as <c>x86_64</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Processors.</summary>
    public int Processors { get; init; }

    /// <summary>Memory in bytes.</summary>
    public long Memory { get; init; }

    /// <summary>The machine's host name.</summary>
    public required string Hostname { get; init; }

    /// <summary>Where everything lives.</summary>
    public required string DataRoot { get; init; }

    /// <summary>The version.</summary>
    public required string Version { get; init; }

    /// <summary>Subscribers to events.</summary>
    public int EventListeners { get; init; }

    /// <summary>Packets are forwarded between interfaces.</summary>
    public bool IPv4Forwarding { get; init; }

    /// <summary>Where CDI files are looked for.</summary>
    public IReadOnlyList<string> CdiDirectories { get; init; } = [];

    /// <summary>The devices they describe, by their full names.</summary>
    public IReadOnlyList<string> CdiDevices { get; init; } = [];

    /// <summary>The runtimes by name, the engine's own among them.</summary>
    public IReadOnlyDictionary<string, (string Path, IReadOnlyList<string> Arguments)> Runtimes { get; init; } = new Dictionary<string, (string, IReadOnlyList<string>)>();

    /// <summary>The runtime of containers that name none.</summary>
    public required string DefaultRuntime { get; init; }

    /// <summary>What this machine cannot do, for people.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
