namespace Sampan.Network;

/// <summary>A subnet that a network is to have.</summary>
public sealed record SubnetRequest
{
    /// <summary>The subnet (<c>172.28.0.0/16</c>), or null to have one chosen.</summary>
    public string? Subnet { get; init; }

    /// <summary>The part of the subnet that containers get addresses from when they ask for none; null means all of it.</summary>
    public string? Range { get; init; }

    /// <summary>The host's address in the subnet; null means its first, or the range's.</summary>
    public string? Gateway { get; init; }

    /// <summary>Addresses that no container gets, by name.</summary>
    public IReadOnlyDictionary<string, string> Auxiliary { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
