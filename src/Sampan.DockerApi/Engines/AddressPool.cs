namespace Sampan.DockerApi.Engines;

/// <summary>Where new networks get subnets.</summary>
public sealed record AddressPool
{
    /// <summary>The pool as CIDR.</summary>
    public string Base { get; init => field = value ?? ""; } = "";

    /// <summary>The subnets' prefix length.</summary>
    public int Size { get; init; }
}
