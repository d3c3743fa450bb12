using System.Net;

namespace Sampan.Network;

/// <summary>A subnet that a network has.</summary>
public sealed record SubnetRecord
{
    /// <summary>The subnet: <c>172.17.0.0/16</c>.</summary>
    public required string Subnet { get; init; }

    /// <summary>The part that containers get addresses from; null: all of it.</summary>
    public string? Range { get; init; }

    /// <summary>The host's address.</summary>
    public required IPAddress Gateway { get; init; }

    /// <summary>Addresses that no container gets, by name.</summary>
    public IReadOnlyDictionary<string, string> Auxiliary { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
