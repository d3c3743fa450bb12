using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sampan.Network.Addresses;

/// <summary>A subnet of version 4, valid by construction: no bit is set behind the prefix.</summary>
internal readonly record struct Subnet
{
    private readonly uint _network;

    private Subnet(uint network, int prefixLength) => (_network, PrefixLength) = (network, prefixLength);

    /// <summary>1 to 30: smaller subnets have no room for a gateway and a container.</summary>
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
            || length is < 1 or > 30)
        {
            return false;
        }

        address = parsed;
        subnet = new Subnet(ToNumber(parsed) & (uint.MaxValue << (32 - length)), length);
        return true;
    }

    internal bool Contains(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork && (ToNumber(address) & Mask) == _network;

    internal bool Overlaps(IPAddress otherNetwork, int otherPrefixLength)
    {
        var shorter = Math.Min(PrefixLength, otherPrefixLength);
        var mask = shorter == 0 ? 0 : uint.MaxValue << (32 - shorter);
        return (ToNumber(otherNetwork) & mask) == (_network & mask);
    }

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
