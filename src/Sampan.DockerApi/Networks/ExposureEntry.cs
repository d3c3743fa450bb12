namespace Sampan.DockerApi.Networks;

/// <summary>Sampan only: from where a port of a container can be reached, and why.</summary>
public sealed record ExposureEntry
{
    /// <summary>The container's name.</summary>
    public string Container { get; init => field = value ?? ""; } = "";

    /// <summary>The network that it is about.</summary>
    public string Network { get; init => field = value ?? ""; } = "";

    /// <summary>The port inside (<c>80/tcp</c>), or <c>all</c>.</summary>
    public string Port { get; init => field = value ?? ""; } = "";

    /// <summary>Where it is called: an address, with a port where it is a published one.</summary>
    public string At { get; init => field = value ?? ""; } = "";

    /// <summary>Who can call there.</summary>
    public string From { get; init => field = value ?? ""; } = "";

    /// <summary>Which wish of the user's opened it.</summary>
    public string Why { get; init => field = value ?? ""; } = "";
}
