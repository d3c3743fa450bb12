namespace Sampan.DockerApi.Networks;

/// <summary>A container's endpoint as a network shows it.</summary>
public sealed record EndpointResource
{
    /// <summary>The container's name.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>The endpoint's id.</summary>
    public string EndpointID { get; init => field = value ?? ""; } = "";

    /// <summary>MAC address.</summary>
    public string MacAddress { get; init => field = value ?? ""; } = "";

    /// <summary>IPv4 address with prefix length.</summary>
    public string IPv4Address { get; init => field = value ?? ""; } = "";

    /// <summary>IPv6 address with prefix length.</summary>
    public string IPv6Address { get; init => field = value ?? ""; } = "";
}
