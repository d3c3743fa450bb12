using System.Buffers.Binary;
using System.Text;
using static Sampan.Linux.Netlink.Nftables.NftConstants;

namespace Sampan.Linux.Netlink.Nftables;

/// <summary>Changes to tables that the kernel makes all together or not at all.</summary>
public sealed class NftBatch
{
    private const byte Inet = 1;
    private const ushort VersionAndResource = 0;
    private const ushort CommentType = 0;

    private readonly NetlinkWriter _writer = new();
    private readonly List<string> _acts = ["begin a transaction of nftables"];
    private uint _setId;

    /// <summary>Starts an empty transaction.</summary>
    public NftBatch()
        : this(null)
    {
    }

    // Refused with ERESTART if anybody has changed anything since that generation.
    private NftBatch(uint? generation)
    {
        _writer.BeginMessage(NFNL_MSG_BATCH_BEGIN, NetlinkFlags.Request, 1);
        Header(0, NFNL_SUBSYS_NFTABLES);
        if (generation is { } known)
            _writer.AttributeBigEndian(NFNL_BATCH_GENID, known);
        _writer.EndMessage();
    }

    /// <summary>Whether nothing was asked for.</summary>
    public bool IsEmpty => _acts.Count == 1;

    internal uint LastSequence => (uint)_acts.Count;

    /// <summary>What makes a table what it should be of what it is; see <see cref="NftSocket.Make"/>.</summary>
    internal static NftBatch Between(NftContent present, NftTable table)
    {
        var batch = new NftBatch(present.Generation);
        batch.Become(present, table);
        return batch;
    }

    private void Become(NftContent present, NftTable table)
    {
        MakeTable(table.Name);
        if (present.IsThere)
            FlushRules(table.Name);
        var maps = table.Maps.ToDictionary(m => m.Name, StringComparer.Ordinal);
        var stay = present.Maps.Where(m => maps.TryGetValue(m.Key, out var wanted) && wanted.Kind == m.Value).Select(m => m.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var map in present.Maps.Keys.Where(m => !stay.Contains(m)))
            Delete(NFT_MSG_DELSET, "map", table.Name, NFTA_SET_NAME, map);
        foreach (var map in table.Maps.Where(m => !stay.Contains(m.Name)))
            MakeMap(table.Name, map);
        var chains = table.Chains.ToDictionary(c => c.Name, c => c.Hook, StringComparer.Ordinal);
        foreach (var chain in present.Chains.Where(c => !chains.TryGetValue(c.Key, out var wanted) || wanted != c.Value))
            Delete(NFT_MSG_DELCHAIN, "chain", table.Name, NFTA_CHAIN_NAME, chain.Key);
        foreach (var chain in table.Chains)
            MakeChain(table.Name, chain);
        foreach (var chain in table.Chains)
        {
            foreach (var rule in chain.Rules)
                AppendRule(table.Name, chain.Name, rule);
        }

        var old = present.Elements.Where(e => stay.Contains(e.Map)).ToList();
        var same = old.Select(e => e.Whole).Intersect(table.Elements.Select(e => e.Whole), StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        DeleteElements(table.Name, [.. old.Where(e => !same.Contains(e.Whole))]);
        AddElements(table.Name, [.. table.Elements.Where(e => !same.Contains(e.Whole))]);
    }

    /// <summary>Removes a table with all that is in it; it must be there.</summary>
    public NftBatch DeleteTable(string table)
    {
        Begin(NFT_MSG_DELTABLE, NetlinkFlags.None, $"remove table 'inet {table}'");
        _writer.Attribute(NFTA_TABLE_NAME, table);
        return End();
    }

    /// <summary>Adds elements to their maps; one whose key is there with another value is refused.</summary>
    public NftBatch AddElements(string table, IReadOnlyList<NftElement> elements) =>
        Elements(NFT_MSG_NEWSETELEM, NetlinkFlags.Create | NetlinkFlags.Exclusive, table, elements, "publish");

    /// <summary>Removes elements, which must be there.</summary>
    public NftBatch DeleteElements(string table, IReadOnlyList<NftElement> elements) =>
        Elements(NFT_MSG_DELSETELEM, NetlinkFlags.None, table, elements, "withdraw");

    internal NetlinkWriter Finish()
    {
        _writer.BeginMessage(NFNL_MSG_BATCH_END, NetlinkFlags.Request, LastSequence + 1);
        Header(0, NFNL_SUBSYS_NFTABLES);
        _writer.EndMessage();
        return _writer;
    }

    internal string Act(uint sequence) =>
        sequence >= 1 && sequence <= _acts.Count ? _acts[(int)sequence - 1] : "change nftables";

    private void MakeTable(string table)
    {
        Begin(NFT_MSG_NEWTABLE, NetlinkFlags.Create, $"make table 'inet {table}'");
        _writer.Attribute(NFTA_TABLE_NAME, table);
        _writer.Attribute(NFTA_TABLE_FLAGS, 0); // it does not sleep, whatever somebody did to it
        End();
    }

    private void FlushRules(string table)
    {
        Begin(NFT_MSG_DELRULE, NetlinkFlags.None, $"remove the rules of table 'inet {table}'");
        _writer.Attribute(NFTA_RULE_TABLE, table);
        End();
    }

    private void Delete(byte message, string what, string table, ushort nameType, string name)
    {
        const ushort tableType = 1; // of chains and sets alike
        Begin(message, NetlinkFlags.None, $"remove {what} '{name}' of table 'inet {table}'");
        _writer.Attribute(tableType, table);
        _writer.Attribute(nameType, name);
        End();
    }

    private void MakeMap(string table, NftMap map)
    {
        Begin(NFT_MSG_NEWSET, NetlinkFlags.Create, $"make map '{map.Name}' of table 'inet {table}'");
        _writer.Attribute(NFTA_SET_TABLE, table);
        _writer.Attribute(NFTA_SET_NAME, map.Name);
        var kind = map.Kind;
        if (kind.Flags != 0)
            _writer.AttributeBigEndian(NFTA_SET_FLAGS, kind.Flags);
        _writer.AttributeBigEndian(NFTA_SET_KEY_TYPE, kind.KeyType);
        _writer.AttributeBigEndian(NFTA_SET_KEY_LEN, kind.KeyLength);
        if (!map.IsSet)
        {
            _writer.AttributeBigEndian(NFTA_SET_DATA_TYPE, kind.ValueType);
            _writer.AttributeBigEndian(NFTA_SET_DATA_LEN, kind.ValueLength);
        }

        if (map.Memory is not null)
        {
            var milliseconds = new byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64BigEndian(milliseconds, kind.Timeout);
            _writer.Attribute(NFTA_SET_TIMEOUT, milliseconds);
            var description = _writer.BeginNested(NFTA_SET_DESC);
            _writer.AttributeBigEndian(NFTA_SET_DESC_SIZE, NftMap.MostRemembered);
            _writer.EndNested(description);
        }

        _writer.AttributeBigEndian(NFTA_SET_ID, ++_setId);
        End();
    }

    private void MakeChain(string table, NftChain chain)
    {
        Begin(NFT_MSG_NEWCHAIN, NetlinkFlags.Create, $"make chain '{chain.Name}' of table 'inet {table}'");
        _writer.Attribute(NFTA_CHAIN_TABLE, table);
        _writer.Attribute(NFTA_CHAIN_NAME, chain.Name);
        if (chain.Hook is { } hook)
        {
            var nested = _writer.BeginNested(NFTA_CHAIN_HOOK);
            _writer.AttributeBigEndian(NFTA_HOOK_HOOKNUM, (int)hook.Point);
            _writer.AttributeBigEndian(NFTA_HOOK_PRIORITY, hook.Priority);
            _writer.EndNested(nested);
            _writer.Attribute(NFTA_CHAIN_TYPE, hook.Type);
            _writer.AttributeBigEndian(NFTA_CHAIN_POLICY, (int)NftVerdictKind.Accept);
        }

        End();
    }

    private void AppendRule(string table, string chain, NftRule rule)
    {
        Begin(NFT_MSG_NEWRULE, NetlinkFlags.Create | NetlinkFlags.Append, $"add rule '{rule}' to chain '{chain}' of table 'inet {table}'");
        _writer.Attribute(NFTA_RULE_TABLE, table);
        _writer.Attribute(NFTA_RULE_CHAIN, chain);
        var list = _writer.BeginNested(NFTA_RULE_EXPRESSIONS);
        var expressions = new NftExpressionWriter(_writer);
        foreach (var statement in rule.Statements)
            statement.Write(expressions);
        _writer.EndNested(list);

        // nft(8) keeps comments as type, length, text with its null.
        var comment = Encoding.UTF8.GetBytes(rule.Comment);
        if (comment.Length > 127)
            throw new ArgumentException($"the comment '{rule.Comment}' is longer than 127 bytes", nameof(rule));
        _writer.Attribute(NFTA_RULE_USERDATA, [(byte)CommentType, (byte)(comment.Length + 1), .. comment, 0]);
        End();
    }

    private NftBatch Elements(byte message, NetlinkFlags flags, string table, IReadOnlyList<NftElement> elements, string verb)
    {
        foreach (var map in elements.GroupBy(e => e.Map, StringComparer.Ordinal))
        {
            // A nested attribute holds 64 KiB: many elements go in several messages of the one transaction.
            foreach (var part in map.Chunk(500))
            {
                Begin(message, flags, $"{verb} '{string.Join(", ", part.Take(3))}' in map '{map.Key}' of table 'inet {table}'");
                _writer.Attribute(NFTA_SET_ELEM_LIST_TABLE, table);
                _writer.Attribute(NFTA_SET_ELEM_LIST_SET, map.Key);
                var list = _writer.BeginNested(NFTA_SET_ELEM_LIST_ELEMENTS);
                foreach (var element in part)
                {
                    var nested = _writer.BeginNested(NFTA_LIST_ELEM);
                    Fields(NFTA_SET_ELEM_KEY, element.Key);
                    if (message == NFT_MSG_NEWSETELEM && element.Value.Count > 0)
                        Fields(NFTA_SET_ELEM_DATA, element.Value);
                    _writer.EndNested(nested);
                }

                _writer.EndNested(list);
                End();
            }
        }

        return this;
    }

    private void Fields(ushort type, IReadOnlyList<NftField> fields)
    {
        Span<byte> bytes = stackalloc byte[fields.Sum(f => f.Bytes.Length)];
        var rest = bytes;
        foreach (var field in fields)
        {
            field.Bytes.Span.CopyTo(rest);
            rest = rest[field.Bytes.Length..];
        }

        var nested = _writer.BeginNested(type);
        _writer.Attribute(NFTA_DATA_VALUE, bytes);
        _writer.EndNested(nested);
    }

    private void Begin(byte message, NetlinkFlags flags, string act)
    {
        _acts.Add(act);
        _writer.BeginMessage((ushort)((NFNL_SUBSYS_NFTABLES << 8) | message), NetlinkFlags.Request | NetlinkFlags.Ack | flags, LastSequence);
        Header(Inet, VersionAndResource);
    }

    private NftBatch End()
    {
        _writer.EndMessage();
        return this;
    }

    /// <summary><c>struct nfgenmsg</c>: family, version 0, a big-endian number.</summary>
    private void Header(byte family, ushort resource)
    {
        Span<byte> header = [family, 0, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], resource);
        _writer.Fixed(BitConverter.ToUInt32(header));
    }
}
