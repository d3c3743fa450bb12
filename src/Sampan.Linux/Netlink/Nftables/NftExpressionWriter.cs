using System.Buffers.Binary;
using static Sampan.Linux.Netlink.Nftables.NftConstants;

namespace Sampan.Linux.Netlink.Nftables;

/// <summary>
/// Writes a rule's expressions: instructions of the kernel's small machine, which loads packet fields into registers,
/// compares, looks up and acts. A comparison that does not hold ends the rule.
/// </summary>
internal sealed class NftExpressionWriter(NetlinkWriter writer)
{
    private const int Version4 = 2;
    private const int Version6 = 10;

    private int? _onlyVersion;

    /// <summary>Loads packet meta data (<c>nft_meta</c>).</summary>
    internal void LoadMeta(int key, int register = NFT_REG_1) => Expression("meta", () =>
    {
        writer.AttributeBigEndian(1, register);
        writer.AttributeBigEndian(2, key);
    });

    /// <summary>Loads bytes of the network (1) or transport (2) header.</summary>
    internal void LoadPayload(int header, int offset, int length, int register = NFT_REG_1) => Expression("payload", () =>
    {
        writer.AttributeBigEndian(1, register);
        writer.AttributeBigEndian(2, header);
        writer.AttributeBigEndian(3, offset);
        writer.AttributeBigEndian(4, length);
    });

    /// <summary>Writes bytes of the transport header (2), and mends its checksum if the packet bears one: UDP may say 0 for none, which the kernel knows of only when it is to find the place itself.</summary>
    internal void StorePayload(int header, int offset, byte[] bytes)
    {
        Expression("immediate", () =>
        {
            writer.AttributeBigEndian(1, NFT_REG_1);
            Value(2, bytes);
        });
        Expression("payload", () =>
        {
            const int mendTransportChecksum = 1;
            writer.AttributeBigEndian(5, NFT_REG_1);
            writer.AttributeBigEndian(2, header);
            writer.AttributeBigEndian(3, offset);
            writer.AttributeBigEndian(4, bytes.Length);
            writer.AttributeBigEndian(8, mendTransportChecksum);
        });
    }

    /// <summary>Loads the connection's state (0) or status (2).</summary>
    internal void LoadConnection(int key) => Expression("ct", () =>
    {
        writer.AttributeBigEndian(1, NFT_REG_1);
        writer.AttributeBigEndian(2, key);
    });

    /// <summary>Loads the routing table's opinion of the destination address: its type (<c>RTN_LOCAL</c>…).</summary>
    internal void LoadDestinationType() => Expression("fib", () =>
    {
        writer.AttributeBigEndian(1, NFT_REG_1);
        writer.AttributeBigEndian(2, 3);
        writer.AttributeBigEndian(3, 2);
    });

    /// <summary>Masks the register.</summary>
    internal void And(byte[] mask) => Expression("bitwise", () =>
    {
        writer.AttributeBigEndian(1, NFT_REG_1);
        writer.AttributeBigEndian(2, NFT_REG_1);
        writer.AttributeBigEndian(3, mask.Length);
        Value(4, mask);
        Value(5, new byte[mask.Length]);
    });

    /// <summary>Goes on only if the register equals, or differs.</summary>
    internal void Compare(bool equal, ReadOnlyMemory<byte> value) => Expression("cmp", () =>
    {
        writer.AttributeBigEndian(1, NFT_REG_1);
        writer.AttributeBigEndian(2, equal ? 0 : 1);
        Value(3, value.Span);
    });

    /// <summary>Goes on only if the register is a key of the set; a map's value goes into register 1.</summary>
    internal void Lookup(string set, bool isMap, bool negated) => Expression("lookup", () =>
    {
        writer.Attribute(1, set);
        writer.AttributeBigEndian(2, NFT_REG_1);
        if (isMap)
            writer.AttributeBigEndian(3, NFT_REG_1);
        if (negated)
            writer.AttributeBigEndian(5, 1);
    });

    /// <summary>Rewrites the destination: address from register 1, port from what lies behind it.</summary>
    internal void DestinationNat(bool version6) => Expression("nat", () =>
    {
        writer.AttributeBigEndian(1, 1);
        writer.AttributeBigEndian(2, version6 ? Version6 : Version4);
        writer.AttributeBigEndian(3, NFT_REG_1);
        writer.AttributeBigEndian(5, NFT_REG32_00 + (version6 ? 4 : 1));
    });

    /// <summary>Rewrites the destination: address from register 1, the port stays.</summary>
    internal void DestinationAddress(bool version6) => Expression("nat", () =>
    {
        writer.AttributeBigEndian(1, 1);
        writer.AttributeBigEndian(2, version6 ? Version6 : Version4);
        writer.AttributeBigEndian(3, NFT_REG_1);
    });

    /// <summary>Loads a random number below a modulus (<c>nft_numgen</c>).</summary>
    internal void LoadRandom(int modulus, int register) => Expression("numgen", () =>
    {
        const int random = 1;
        writer.AttributeBigEndian(1, register);
        writer.AttributeBigEndian(2, modulus);
        writer.AttributeBigEndian(3, random);
        writer.AttributeBigEndian(4, 0);
    });

    /// <summary>Refuses the packet and says so: by a TCP reset (1), or by ICMP of whichever version (2) with a code.</summary>
    internal void Reject(int type, byte code) => Expression("reject", () =>
    {
        writer.AttributeBigEndian(1, type);
        writer.Attribute(2, [code]);
    });

    /// <summary>Puts the key in the register into a set that forgets, or keeps it there for longer.</summary>
    internal void UpdateSet(string set) => Expression("dynset", () =>
    {
        writer.Attribute(1, set);
        writer.AttributeBigEndian(3, 1);
        writer.AttributeBigEndian(4, NFT_REG_1);
    });

    /// <summary>Rewrites the source to an address, which goes by register 1.</summary>
    internal void SourceAddress(byte[] address, bool version6)
    {
        Expression("immediate", () =>
        {
            writer.AttributeBigEndian(1, NFT_REG_1);
            Value(2, address);
        });
        Expression("nat", () =>
        {
            writer.AttributeBigEndian(1, 0);
            writer.AttributeBigEndian(2, version6 ? Version6 : Version4);
            writer.AttributeBigEndian(3, NFT_REG_1);
        });
    }

    internal void Masquerade() => Expression("masq", () => { });

    internal void Verdict(int code, string? chain) => Expression("immediate", () =>
    {
        writer.AttributeBigEndian(1, NFT_REG_VERDICT);
        var data = writer.BeginNested(2);
        var verdict = writer.BeginNested(NFTA_DATA_VERDICT);
        writer.AttributeBigEndian(NFTA_VERDICT_CODE, code);
        if (chain is not null)
            writer.Attribute(NFTA_VERDICT_CHAIN, chain);
        writer.EndNested(verdict);
        writer.EndNested(data);
    });

    /// <summary>In a table of both versions, a field of one version may only be read from packets of that version.</summary>
    internal void Only(bool version6)
    {
        var version = version6 ? Version6 : Version4;
        if (_onlyVersion == version)
            return;
        const int protocolFamily = 15;
        LoadMeta(protocolFamily);
        Compare(true, new[] { (byte)version });
        _onlyVersion = version;
    }

    internal static byte[] HostOrder(uint value) => BitConverter.GetBytes(value);

    internal static byte[] BigEndian(ushort value)
    {
        var bytes = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return bytes;
    }

    private void Value(ushort type, ReadOnlySpan<byte> value)
    {
        var data = writer.BeginNested(type);
        writer.Attribute(NFTA_DATA_VALUE, value);
        writer.EndNested(data);
    }

    private void Expression(string name, Action body)
    {
        var element = writer.BeginNested(NFTA_LIST_ELEM);
        writer.Attribute(NFTA_EXPR_NAME, name);
        var data = writer.BeginNested(NFTA_EXPR_DATA);
        body();
        writer.EndNested(data);
        writer.EndNested(element);
    }
}
