using System.Net;

namespace Sampan.Linux.Netlink.Nftables;

/// <summary>One field of an element's key or value.</summary>
public readonly record struct NftField
{
    private NftField(NftType type, ReadOnlyMemory<byte> bytes, string text) => (Type, Bytes, Text) = (type, bytes, text);

    /// <summary>Its type.</summary>
    public NftType Type { get; }

    /// <summary>As nft(8) writes it.</summary>
    public string Text { get; }

    /// <summary>The field as it lies in registers: a multiple of four bytes.</summary>
    internal ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>An address of version 4 or 6.</summary>
    public static NftField Address(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return new NftField(bytes.Length == 4 ? NftType.IPv4Address : NftType.IPv6Address, bytes, address.ToString());
    }

    /// <summary>A transport protocol by its number: 6, 17 or 132.</summary>
    public static NftField Protocol(byte number) =>
        new(NftType.Protocol, (byte[])[number, 0, 0, 0], number switch { 6 => "tcp", 17 => "udp", 132 => "sctp", _ => number.ToString() });

    /// <summary>A port.</summary>
    public static NftField Port(ushort port) => new(NftType.Port, (byte[])[(byte)(port >> 8), (byte)port, 0, 0], port.ToString());

    /// <summary>A slot, 0 to <see cref="NftBalancedDestination.Slots"/> - 1.</summary>
    public static NftField Slot(int number) => new(NftType.Slot, BitConverter.GetBytes((uint)number), number.ToString());

    /// <summary>Reads a field as it lies in registers.</summary>
    internal static NftField Read(NftType type, ReadOnlySpan<byte> bytes) => type switch
    {
        NftType.Protocol => Protocol(bytes[0]),
        NftType.Port => Port((ushort)((bytes[0] << 8) | bytes[1])),
        NftType.Slot => Slot(BitConverter.ToInt32(bytes)),
        _ => Address(new IPAddress(bytes)),
    };

    /// <summary>How many bytes a field of a type takes.</summary>
    internal static int Size(NftType type) => type == NftType.IPv6Address ? 16 : 4;
}
