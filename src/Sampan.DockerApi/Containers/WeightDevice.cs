namespace Sampan.DockerApi.Containers;

/// <summary>A block I/O weight for one device.</summary>
public sealed record WeightDevice
{
    /// <summary>Path of the device on the host.</summary>
    public string Path { get; init => field = value ?? ""; } = "";

    /// <summary>10 to 1000.</summary>
    public int Weight { get; init; }
}
