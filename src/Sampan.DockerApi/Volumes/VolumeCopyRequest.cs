namespace Sampan.DockerApi.Volumes;

/// <summary>Sampan only: the body of POST /sampan/volumes/NAME/clone.</summary>
public sealed record VolumeCopyRequest
{
    /// <summary>The new volume's name; empty: the engine makes one.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>The new volume's labels.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Whether the new one is a snapshot: mounted read-only, or cloned.</summary>
    public bool Snapshot { get; init; }

    /// <summary>Whether containers that may write to the volume are paused meanwhile.</summary>
    public bool Pause { get; init; }
}
