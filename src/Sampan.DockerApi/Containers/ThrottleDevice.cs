namespace Sampan.DockerApi.Containers;

/// <summary>A block I/O limit for one device.</summary>
public sealed record ThrottleDevice
{
    /// <summary>Path of the device on the host.</summary>
    public string Path { get; init => field = value ?? ""; } = "";

    /// <summary>Bytes or operations per second.</summary>
    public long Rate { get; init; }
}
