using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sampan.Network.Addresses;

/// <summary>A subnet of version 4 or 6, valid by construction: no bit is set behind the prefix.</summary>
internal readonly record struct Subnet
{
    /// <summary>The longest prefix of version 4: smaller subnets have no room for a gateway and a container.</summary>
    internal const int LongestPrefix = 30;

    private const int LongestPrefix6 = 126;
    private readonly UInt128 _network;

    private Subnet(bool version6, UInt128 network, int prefixLength) => (IsVersion6, _network, PrefixLength) = (version6, network, prefixLength);

    internal bool IsVersion6 { get; }

    /// <summary>1 to <see cref="LongestPrefix"/>, or to 126 in version 6.</summary>
    internal int PrefixLength { get; }

    internal IPAddress Network => ToAddress(_network);

    /// <summary>The last address, which means all hosts in version 4.</summary>
    internal IPAddress Broadcast => ToAddress(_network | ~Mask & Ones);

    /// <summary>How many addresses hosts can have: all but the first and the last.</summary>
    internal UInt128 HostCount => (~Mask & Ones) - 1;

    private int Bits => IsVersion6 ? 128 : 32;

    private UInt128 Ones => UInt128.MaxValue >> (128 - Bits);

    private UInt128 Mask => MaskOf(PrefixLength);

    /// <summary>Parses <c>172.17.0.1/16</c> or <c>fd00::1/64</c> into the subnet and the address in it.</summary>
    internal static bool TryParse(string text, out Subnet subnet, [NotNullWhen(true)] out IPAddress? address)
    {
        subnet = default;
        address = null;
        var slash = text.IndexOf('/');
        if (slash < 0
            || !TryParseAddress(text[..slash], out var parsed)
            || !int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length < 1 || length > (parsed.AddressFamily == AddressFamily.InterNetwork ? LongestPrefix : LongestPrefix6))
        {
            return false;
        }

        address = parsed;
        subnet = Around(parsed, length);
        return true;
    }

    /// <summary>Parses an address as it is written: four numbers, or version 6 without a zone and in any spelling.</summary>
    internal static bool TryParseAddress(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        if (!IPAddress.TryParse(text, out address))
            return false;
        return address.AddressFamily == AddressFamily.InterNetwork
            ? address.ToString() == text
            : !address.IsIPv4MappedToIPv6 && !text.Contains('%') && !text.Contains('[');
    }

    /// <summary>The subnet with this prefix that an address is in; the prefix may be of any length.</summary>
    internal static Subnet Around(IPAddress address, int prefixLength)
    {
        var all = new Subnet(address.AddressFamily == AddressFamily.InterNetworkV6, 0, prefixLength);
        return new Subnet(all.IsVersion6, ToNumber(address) & all.Mask, prefixLength);
    }

    internal bool Contains(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 == IsVersion6 && (ToNumber(address) & Mask) == _network;

    internal bool Overlaps(IPAddress otherNetwork, int otherPrefixLength) => Overlaps(Around(otherNetwork, otherPrefixLength));

    internal bool Overlaps(Subnet other)
    {
        if (other.IsVersion6 != IsVersion6)
            return false;
        var mask = MaskOf(Math.Min(PrefixLength, other.PrefixLength));
        return (other._network & mask) == (_network & mask);
    }

    internal bool Contains(Subnet other) => other.PrefixLength >= PrefixLength && Contains(other.Network);

    /// <summary>The subnet of a longer prefix inside this one, counted from 0.</summary>
    internal Subnet Part(uint number, int prefixLength) => new(IsVersion6, _network + ((UInt128)number << (Bits - prefixLength)), prefixLength);

    /// <summary>The address for a host, 1 to <see cref="HostCount"/>.</summary>
    internal IPAddress Host(UInt128 number) => ToAddress(_network + number);

    /// <summary>The inverse of <see cref="Host"/>: 0 is the network's own address.</summary>
    internal UInt128 NumberOf(IPAddress address) => ToNumber(address) - _network;

    public override string ToString() => $"{Network}/{PrefixLength}";

    private UInt128 MaskOf(int length) => length == 0 ? 0 : (Ones << (Bits - length)) & Ones;

    private static UInt128 ToNumber(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return bytes.Length == sizeof(uint) ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    private IPAddress ToAddress(UInt128 number)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return new IPAddress(bytes[^(Bits / 8)..]);
    }
}
