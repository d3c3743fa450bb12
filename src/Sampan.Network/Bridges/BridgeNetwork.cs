using System.Net;
using Sampan.Network.Addresses;
using Sampan.Network.Firewall;

namespace Sampan.Network.Bridges;

/// <summary>The interface and addresses of a bridge network.</summary>
internal sealed class BridgeNetwork
{
    internal required string Name { get; init; }

    /// <summary>The interface's number on the host.</summary>
    internal required int Index { get; init; }

    internal required Subnet Subnet { get; init; }

    internal required IPAddress Gateway { get; init; }

    internal required int Mtu { get; init; }

    internal bool IsInternal { get; init; }

    internal required AddressPool Addresses { get; init; }

    internal BridgeSettings Settings { get; init; } = new();

    /// <summary>How the user described the subnet; null: as the daemon's options say.</summary>
    internal SubnetDocument? Document { get; init; }

    internal FirewallNetwork ForFirewall() => new(Name, Subnet, IsInternal, Settings.Masquerade);

    internal SubnetRecord ToRecord() => new()
    {
        Subnet = Subnet.ToString(),
        Gateway = Gateway,
        Range = Document?.Range,
        Auxiliary = Document?.Auxiliary ?? new Dictionary<string, string>(StringComparer.Ordinal),
    };
}
