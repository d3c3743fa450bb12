namespace Sampan.DockerApi.Containers;

/// <summary>An address with its prefix length.</summary>
public sealed record NetworkAddress
{
    /// <summary>The address.</summary>
    public string Addr { get; init => field = value ?? ""; } = "";

    /// <summary>The prefix length.</summary>
    public int PrefixLen { get; init; }
}
