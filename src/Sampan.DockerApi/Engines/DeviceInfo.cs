namespace Sampan.DockerApi.Engines;

/// <summary>A device that containers can have.</summary>
public sealed record DeviceInfo
{
    /// <summary>Who knows of it: <c>cdi</c>.</summary>
    public string Source { get; init => field = value ?? ""; } = "";

    /// <summary>Its full name, as <c>vendor.com/gpu=0</c>.</summary>
    public string ID { get; init => field = value ?? ""; } = "";
}
