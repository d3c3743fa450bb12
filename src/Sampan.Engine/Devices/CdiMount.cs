namespace Sampan.Engine.Devices;

/// <summary>A mount of a CDI device.</summary>
internal sealed record CdiMount
{
    /// <summary>What.</summary>
    public string HostPath { get => field ?? ""; init; }

    /// <summary>Where.</summary>
    public string ContainerPath { get => field ?? ""; init; }

    /// <summary>A file system's type; null: a bind.</summary>
    public string? Type { get; init; }

    /// <summary>Options.</summary>
    public IReadOnlyList<string> Options { get => field ?? []; init; }
}
