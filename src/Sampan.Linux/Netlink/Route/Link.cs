namespace Sampan.Linux.Netlink.Route;

/// <summary>A network interface as the kernel lists it.</summary>
public sealed record Link
{
    /// <summary>The number of the interface in its namespace.</summary>
    public required int Index { get; init; }

    /// <summary>The name, at most 15 bytes.</summary>
    public required string Name { get; init; }

    /// <summary>The kernel's word for the sort of a virtual interface (<c>bridge</c>, <c>veth</c>), or null for a physical one and the loopback.</summary>
    public string? Kind { get; init; }

    /// <summary>The number of the bridge it is a port of, or null.</summary>
    public int? Master { get; init; }

    /// <summary>The largest packet, bytes.</summary>
    public int Mtu { get; init; }

    /// <summary>The hardware address, empty if it has none.</summary>
    public ReadOnlyMemory<byte> HardwareAddress { get; init; }

    /// <summary>Whether it is up (IFF_UP).</summary>
    public bool IsUp { get; init; }
}
