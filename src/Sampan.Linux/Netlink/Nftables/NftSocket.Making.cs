using System.Buffers.Binary;
using static Sampan.Linux.Netlink.Nftables.NftConstants;

namespace Sampan.Linux.Netlink.Nftables;

/// <content>Tables as they should be.</content>
public sealed partial class NftSocket
{
    private const int MostTries = 100;

    /// <summary>
    /// Makes a table what the value says, whatever there was before, in one transaction. Chains and maps that are there stay, with other rules and
    /// elements in them, so that each packet meets all the old rules or all the new ones. A chain that takes the place of another does not do that: a
    /// packet may pass the new one just before the change, when that is empty still, and the old one just after it, when that is empty already.
    /// </summary>
    /// <param name="table">The table. A map that rules fill keeps what they put there.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Make(NftTable table)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                Commit(NftBatch.Between(Read(table), table));
                return;
            }
            catch (LinuxException crossed) when (crossed.Errno == Errno.ERESTART && tries < MostTries)
            {
                // Somebody changed some table since ours was read.
            }
        }
    }

    private NftContent Read(NftTable table)
    {
        var generation = Generation();
        Dictionary<string, NftMapKind> maps = new(StringComparer.Ordinal);
        var question = Question(NFT_MSG_GETSET);
        question.Attribute(NFTA_SET_TABLE, table.Name);
        if (Dump(question, attributes => ReadMap(attributes, maps)) is { } none)
            return none.Errno == Errno.ENOENT ? new NftContent(generation, false, new Dictionary<string, NftHook?>(), maps, []) : throw Exception($"list maps of table 'inet {table.Name}'", none);
        Dictionary<string, NftHook?> chains = new(StringComparer.Ordinal);
        if (Dump(Question(NFT_MSG_GETCHAIN), attributes => ReadChain(attributes, table.Name, chains)) is { } refused)
            throw Exception("list chains", refused);
        List<NftElement> elements = [];
        foreach (var map in table.Maps.Where(m => m.Memory is null && maps.TryGetValue(m.Name, out var kind) && kind == m.Kind))
        {
            var foreign = false;
            if (Elements(table.Name, map.Name, element => foreign |= !TryRead(element, map, elements)) is { } failure)
                throw Exception($"list elements of map '{map.Name}' of table 'inet {table.Name}'", failure.Errno == Errno.ENOENT ? failure with { Errno = Errno.ERESTART } : failure);
            if (foreign)
                maps[map.Name] = default; // something that we would not know how to remove: with the map
        }

        return new NftContent(generation, true, chains, maps, elements);
    }

    private uint Generation()
    {
        var question = new NetlinkWriter();
        question.BeginMessage(Message(NFT_MSG_GETGEN), NetlinkFlags.Request, 1);
        question.Fixed(0u);
        question.EndMessage();
        var generation = 0u;
        var failure = _socket.Query(question, dump: false, (_, payload) =>
        {
            var attributes = Attributes(payload);
            while (attributes.MoveNext())
            {
                if (attributes.Type == NFTA_GEN_ID)
                    generation = attributes.BigEndianNumber;
            }
        });
        return failure is { } refused ? throw Exception("read the generation of nftables", refused) : generation;
    }

    private static void ReadMap(NetlinkAttributes attributes, Dictionary<string, NftMapKind> maps)
    {
        string? name = null;
        var kind = default(NftMapKind);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_SET_NAME:
                    name = attributes.Text;
                    break;
                case NFTA_SET_FLAGS:
                    kind = kind with { Flags = attributes.BigEndianNumber };
                    break;
                case NFTA_SET_KEY_TYPE:
                    kind = kind with { KeyType = attributes.BigEndianNumber };
                    break;
                case NFTA_SET_KEY_LEN:
                    kind = kind with { KeyLength = attributes.BigEndianNumber };
                    break;
                case NFTA_SET_DATA_TYPE:
                    kind = kind with { ValueType = attributes.BigEndianNumber };
                    break;
                case NFTA_SET_DATA_LEN:
                    kind = kind with { ValueLength = attributes.BigEndianNumber };
                    break;
                case NFTA_SET_TIMEOUT when attributes.Value.Length == sizeof(ulong):
                    kind = kind with { Timeout = BinaryPrimitives.ReadUInt64BigEndian(attributes.Value) };
                    break;
            }
        }

        // One without a name of its own goes with its rule.
        if (name is not null && (kind.Flags & NFT_SET_ANONYMOUS) == 0)
            maps[name] = kind;
    }

    private static void ReadChain(NetlinkAttributes attributes, string wanted, Dictionary<string, NftHook?> chains)
    {
        string? table = null, name = null, type = null;
        (NftHookPoint Point, int Priority)? place = null;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_CHAIN_TABLE:
                    table = attributes.Text;
                    break;
                case NFTA_CHAIN_NAME:
                    name = attributes.Text;
                    break;
                case NFTA_CHAIN_TYPE:
                    type = attributes.Text;
                    break;
                case NFTA_CHAIN_HOOK:
                    place = ReadPlace(attributes.Inner);
                    break;
            }
        }

        if (table == wanted && name is not null)
            chains[name] = place is { } found && type is not null ? new NftHook(type, found.Point, found.Priority) : null;
    }

    private static (NftHookPoint Point, int Priority) ReadPlace(NetlinkAttributes attributes)
    {
        var (point, priority) = (0, 0);
        while (attributes.MoveNext())
        {
            if (attributes.Type == NFTA_HOOK_HOOKNUM)
                point = (int)attributes.BigEndianNumber;
            else if (attributes.Type == NFTA_HOOK_PRIORITY)
                priority = (int)attributes.BigEndianNumber;
        }

        return ((NftHookPoint)point, priority);
    }

    private static bool TryRead(NetlinkAttributes element, NftMap map, List<NftElement> elements)
    {
        IReadOnlyList<NftField>? key = null, value = map.IsSet ? [] : null;
        while (element.MoveNext())
        {
            if (element.Type == NFTA_SET_ELEM_KEY)
                key = ReadFields(element.Inner, map.Key);
            else if (element.Type == NFTA_SET_ELEM_DATA)
                value = ReadFields(element.Inner, map.Value);
        }

        if (key is null || value is null)
            return false;
        elements.Add(new NftElement(map.Name, key, value));
        return true;
    }

    private static IReadOnlyList<NftField>? ReadFields(NetlinkAttributes data, IReadOnlyList<NftType> types)
    {
        while (data.MoveNext())
        {
            if (data.Type != NFTA_DATA_VALUE || data.Value.Length < types.Sum(NftField.Size))
                continue;
            List<NftField> fields = [];
            var rest = data.Value;
            foreach (var type in types)
            {
                fields.Add(NftField.Read(type, rest[..NftField.Size(type)]));
                rest = rest[NftField.Size(type)..];
            }

            return fields;
        }

        return null;
    }
}
