using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sampan.Network.Addresses;

/// <summary>A subnet of version 4, valid by construction: no bit is set behind the prefix.</summary>
internal readonly record struct Subnet
{
    /// <summary>The longest prefix: smaller subnets have no room for a gateway and a container.</summary>
    internal const int LongestPrefix = 30;

    private readonly uint _network;

    private Subnet(uint network, int prefixLength) => (_network, PrefixLength) = (network, prefixLength);

    /// <summary>1 to <see cref="LongestPrefix"/>.</summary>
    internal int PrefixLength { get; }

    internal IPAddress Network => ToAddress(_network);

    internal IPAddress Broadcast => ToAddress(_network | ~Mask);

    /// <summary>How many addresses hosts can have: all but the first and the last.</summary>
    internal uint HostCount => ~Mask - 1;

    private uint Mask => uint.MaxValue << (32 - PrefixLength);

    /// <summary>Parses <c>172.17.0.1/16</c> into the subnet and the address in it.</summary>
    internal static bool TryParse(string text, out Subnet subnet, [NotNullWhen(true)] out IPAddress? address)
    {
        subnet = default;
        address = null;
        var slash = text.IndexOf('/');
        if (slash < 0
            || !IPAddress.TryParse(text[..slash], out var parsed)
            || parsed.AddressFamily != AddressFamily.InterNetwork
            || parsed.ToString() != text[..slash]
            || !int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length is < 1 or > LongestPrefix)
        {
            return false;
        }

        address = parsed;
        subnet = new Subnet(ToNumber(parsed) & (uint.MaxValue << (32 - length)), length);
        return true;
    }

    internal bool Contains(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork && (ToNumber(address) & Mask) == _network;

    internal bool Overlaps(IPAddress otherNetwork, int otherPrefixLength) => Overlaps(Of(otherNetwork, otherPrefixLength));

    /// <summary>What a route leads to; its prefix may be of any length.</summary>
    internal static Subnet Of(IPAddress network, int prefixLength) => new(ToNumber(network), prefixLength);

    internal bool Overlaps(Subnet other)
    {
        var shorter = Math.Min(PrefixLength, other.PrefixLength);
        var mask = shorter == 0 ? 0 : uint.MaxValue << (32 - shorter);
        return (other._network & mask) == (_network & mask);
    }

    internal bool Contains(Subnet other) => other.PrefixLength >= PrefixLength && Contains(other.Network);

    /// <summary>The subnet of a longer prefix inside this one, counted from 0.</summary>
    internal Subnet Part(uint number, int prefixLength) => new(_network + (number << (32 - prefixLength)), prefixLength);

    /// <summary>The address for a host, 1 to <see cref="HostCount"/>.</summary>
    internal IPAddress Host(uint number) => ToAddress(_network + number);

    /// <summary>The inverse of <see cref="Host"/>: 0 is the network's own address.</summary>
    internal uint NumberOf(IPAddress address) => ToNumber(address) - _network;

    public override string ToString() => $"{Network}/{PrefixLength}";

    private static uint ToNumber(IPAddress address) => BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());

    private static IPAddress ToAddress(uint number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new IPAddress(bytes);
    }
}
