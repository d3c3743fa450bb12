using System.Net;

namespace Sampan.Linux.Netlink.Nftables;

/// <summary>One field of an element's key or value.</summary>
public readonly record struct NftField
{
    private NftField(NftType type, uint bits, string text) => (Type, Bits, Text) = (type, bits, text);

    /// <summary>Its type.</summary>
    public NftType Type { get; }

    /// <summary>As nft(8) writes it.</summary>
    public string Text { get; }

    /// <summary>The field's four bytes as they lie in a register, read as a number of the machine's order.</summary>
    internal uint Bits { get; }

    /// <summary>An address of version 4.</summary>
    public static NftField Address(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return bytes.Length == 4
            ? new NftField(NftType.IPv4Address, BitConverter.ToUInt32(bytes), address.ToString())
            : throw new ArgumentException($"'{address}' is not an address of version 4", nameof(address));
    }

    /// <summary>A transport protocol by its number: 6, 17 or 132.</summary>
    public static NftField Protocol(byte number) =>
        new(NftType.Protocol, BitConverter.ToUInt32([number, 0, 0, 0]), number switch { 6 => "tcp", 17 => "udp", 132 => "sctp", _ => number.ToString() });

    /// <summary>A port.</summary>
    public static NftField Port(ushort port) =>
        new(NftType.Port, BitConverter.ToUInt32([(byte)(port >> 8), (byte)port, 0, 0]), port.ToString());
}
