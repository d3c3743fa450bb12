using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sampan.Linux.Netlink.Nftables;

/// <summary>
/// One part of a rule, a closed family of values: each says itself in the words of
/// <see href="https://man7.org/linux/man-pages/man8/nft.8.html">nft(8)</see> (<see cref="object.ToString"/>) and in the kernel's instructions.
/// </summary>
public abstract record NftStatement
{
    private protected NftStatement()
    {
    }

    internal abstract void Write(NftExpressionWriter writer);

    /// <summary>An interface's name as the kernel compares it: 16 bytes, filled with nulls.</summary>
    internal static byte[] InterfaceName(string name)
    {
        const int size = 16;
        if (Encoding.UTF8.GetByteCount(name) >= size)
            throw new ArgumentException($"the interface name '{name}' is longer than 15 bytes", nameof(name));
        var bytes = new byte[size];
        Encoding.UTF8.GetBytes(name, bytes);
        return bytes;
    }
}

/// <summary>The packet came in, or goes out, by an interface with this name.</summary>
/// <param name="Incoming">The interface it came by; else the one it leaves by.</param>
/// <param name="Name">The interface's name.</param>
/// <param name="Equal">False: any but this one.</param>
public sealed record NftInterface(bool Incoming, string Name, bool Equal = true) : NftStatement
{
    /// <inheritdoc/>
    public override string ToString() => $"{(Incoming ? "iifname" : "oifname")} {(Equal ? "" : "!= ")}\"{Name}\"";

    internal override void Write(NftExpressionWriter writer)
    {
        writer.LoadMeta(Incoming ? 6 : 7);
        writer.Compare(Equal, InterfaceName(Name));
    }
}

/// <summary>The packet came in, or goes out, by a virtual interface; physical ones have no kind.</summary>
/// <param name="Incoming">The interface it came by; else the one it leaves by.</param>
public sealed record NftVirtualInterface(bool Incoming) : NftStatement
{
    // No driver's word: a physical interface has no kind to compare and the rule ends there, all others differ.
    private const string NoKind = "physical";

    /// <inheritdoc/>
    public override string ToString() => $"meta {(Incoming ? "iifkind" : "oifkind")} != \"{NoKind}\"";

    internal override void Write(NftExpressionWriter writer)
    {
        writer.LoadMeta(Incoming ? 26 : 27);
        writer.Compare(false, InterfaceName(NoKind));
    }
}

/// <summary>The packet's address lies in a subnet of version 4 or 6.</summary>
/// <param name="Source">The source address; else the destination.</param>
/// <param name="Network">The subnet's address.</param>
/// <param name="PrefixLength">The length of its prefix, 1 to all bits.</param>
/// <param name="Equal">False: it lies outside.</param>
public sealed record NftAddress(bool Source, IPAddress Network, int PrefixLength, bool Equal = true) : NftStatement
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{(Version6 ? "ip6" : "ip")} {(Source ? "saddr" : "daddr")} {(Equal ? "" : "!= ")}{Network}{(PrefixLength == Size * 8 ? "" : $"/{PrefixLength}")}";

    private bool Version6 => Network.AddressFamily == AddressFamily.InterNetworkV6;

    private int Size => Version6 ? 16 : 4;

    internal override void Write(NftExpressionWriter writer)
    {
        writer.Only(Version6);
        writer.LoadPayload(header: 1, (Source, Version6) switch { (true, false) => 12, (false, false) => 16, (true, true) => 8, _ => 24 }, Size);
        if (PrefixLength < Size * 8)
        {
            var mask = new byte[Size];
            for (var bit = 0; bit < PrefixLength; bit++)
                mask[bit / 8] |= (byte)(0x80 >> (bit % 8));
            writer.And(mask);
        }

        writer.Compare(Equal, Network.GetAddressBytes());
    }
}

/// <summary>The packet belongs to a connection already known, or to one that such a connection announced.</summary>
public sealed record NftEstablished : NftStatement
{
    /// <inheritdoc/>
    public override string ToString() => "ct state established,related";

    internal override void Write(NftExpressionWriter writer)
    {
        const uint establishedOrRelated = 2 | 4;
        writer.LoadConnection(0);
        writer.And(NftExpressionWriter.HostOrder(establishedOrRelated));
        writer.Compare(false, new byte[4]);
    }
}

/// <summary>The packet's destination was rewritten: somebody published what it asks for.</summary>
public sealed record NftDestinationRewritten : NftStatement
{
    /// <inheritdoc/>
    public override string ToString() => "ct status dnat";

    internal override void Write(NftExpressionWriter writer)
    {
        const uint destinationNat = 0x20;
        writer.LoadConnection(2);
        writer.And(NftExpressionWriter.HostOrder(destinationNat));
        writer.Compare(false, new byte[4]);
    }
}

/// <summary>The destination is an address of this host.</summary>
public sealed record NftToThisHost : NftStatement
{
    /// <inheritdoc/>
    public override string ToString() => "fib daddr type local";

    internal override void Write(NftExpressionWriter writer)
    {
        const uint local = 2;
        writer.LoadDestinationType();
        writer.Compare(true, NftExpressionWriter.HostOrder(local));
    }
}

/// <summary>Rewrites the destination to the address and port that a map has for the packet; goes on if it has none.</summary>
/// <param name="ByAddress">The map's key starts with the destination address; then protocol and port follow.</param>
/// <param name="Map">The map's name.</param>
/// <param name="Version6">The map is about addresses of version 6.</param>
public sealed record NftDestinationFromMap(bool ByAddress, string Map, bool Version6 = false) : NftStatement
{
    /// <inheritdoc/>
    public override string ToString() => $"dnat {Family} to {(ByAddress ? $"{Family} daddr . " : "")}meta l4proto . th dport map @{Map}";

    internal override void Write(NftExpressionWriter writer)
    {
        var register = NftConstants.NFT_REG32_00;
        if (ByAddress)
        {
            writer.Only(Version6);
            writer.LoadPayload(header: 1, Version6 ? 24 : 16, Version6 ? 16 : 4, register);
            register += Version6 ? 4 : 1;
        }

        // Without an address in the key, a packet of the other version may be found: the kernel then rewrites nothing (nft_nat_inet_eval).
        writer.LoadMeta(16, register++);
        writer.LoadPayload(header: 2, 2, 2, register);
        writer.Lookup(Map, isMap: true, negated: false);
        writer.DestinationNat(Version6);
    }

    private string Family => Version6 ? "ip6" : "ip";
}

/// <summary>The packet is of version 4, or of version 6.</summary>
/// <param name="Version6">Of version 6.</param>
public sealed record NftVersion(bool Version6) : NftStatement
{
    /// <inheritdoc/>
    public override string ToString() => $"meta nfproto {(Version6 ? "ipv6" : "ipv4")}";

    internal override void Write(NftExpressionWriter writer) => writer.Only(Version6);
}

/// <summary>Rewrites the source to the address of the interface the packet leaves by.</summary>
public sealed record NftMasquerade : NftStatement
{
    /// <inheritdoc/>
    public override string ToString() => "masquerade";

    internal override void Write(NftExpressionWriter writer) => writer.Masquerade();
}

/// <summary>The end of a rule: what becomes of the packet.</summary>
/// <param name="Kind">Accept it, drop it, leave the chain, or go through another chain.</param>
/// <param name="Chain">The other chain, for <see cref="NftVerdictKind.Jump"/>.</param>
public sealed record NftVerdict(NftVerdictKind Kind, string? Chain = null) : NftStatement
{
    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        NftVerdictKind.Accept => "accept",
        NftVerdictKind.Drop => "drop",
        NftVerdictKind.Jump => $"jump {Chain}",
        _ => "return",
    };

    internal override void Write(NftExpressionWriter writer) => writer.Verdict((int)Kind, Chain);
}
