using System.Net;
using Sampan.Network.Addresses;

namespace Sampan.Network.Bridges;

/// <summary>The addresses of one version on a bridge. Belongs to the host thread.</summary>
internal sealed class BridgeSubnet
{
    internal required Subnet Subnet { get; init; }

    /// <summary>The bridge's own address.</summary>
    internal required IPAddress Gateway { get; init; }

    internal required AddressPool Addresses { get; init; }

    /// <summary>What the user said about it; null for the default bridge.</summary>
    internal SubnetDocument? Document { get; init; }

    internal SubnetRecord ToRecord() => new()
    {
        Subnet = Subnet.ToString(),
        Gateway = Gateway,
        Range = Document?.Range,
        Auxiliary = Document?.Auxiliary ?? new Dictionary<string, string>(StringComparer.Ordinal),
    };
}
