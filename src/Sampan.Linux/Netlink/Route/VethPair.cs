namespace Sampan.Linux.Netlink.Route;

/// <summary>Two interfaces joined like the ends of a cable, the second one in another network namespace from the start: moving it there later costs the kernel milliseconds.</summary>
public sealed record VethPair
{
    /// <summary>The near end's name.</summary>
    public required string Name { get; init; }

    /// <summary>The number of the bridge the near end becomes a port of, or null.</summary>
    public int? Master { get; init; }

    /// <summary>The largest packet of both ends, bytes.</summary>
    public required int Mtu { get; init; }

    /// <summary>The far end's name.</summary>
    public required string PeerName { get; init; }

    /// <summary>The namespace the far end is placed in.</summary>
    public required SafeFd PeerNamespace { get; init; }

    /// <summary>The far end's hardware address, six bytes; null lets the kernel choose.</summary>
    public ReadOnlyMemory<byte>? PeerHardwareAddress { get; init; }
}
