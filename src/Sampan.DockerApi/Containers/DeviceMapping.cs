namespace Sampan.DockerApi.Containers;

/// <summary>A device of the host made available in the container.</summary>
public sealed record DeviceMapping
{
    /// <summary>Path on the host.</summary>
    public string PathOnHost { get; init => field = value ?? ""; } = "";

    /// <summary>Path in the container.</summary>
    public string PathInContainer { get; init => field = value ?? ""; } = "";

    /// <summary>Some of r, w and m.</summary>
    public string CgroupPermissions { get; init => field = value ?? ""; } = "";
}
