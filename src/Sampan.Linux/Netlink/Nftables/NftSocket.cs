using Sampan.Linux.Processes;
using Sampan.Linux.Syscalls;
using static Sampan.Linux.Netlink.Nftables.NftConstants;

namespace Sampan.Linux.Netlink.Nftables;

/// <summary>
/// The packet filter of one network namespace: that of the thread which opens the socket, whoever uses it later.
/// One user at a time.
/// </summary>
public sealed partial class NftSocket : IDisposable
{
    private const int GenericHeaderSize = 4;

    private readonly NetlinkSocket _socket;

    private NftSocket(NetlinkSocket socket) => _socket = socket;

    /// <summary>Opens a socket into the calling thread's network namespace.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static NftSocket Open() => new(NetlinkSocket.Open(Sys.NETLINK_NETFILTER));

    /// <summary>Takes over a socket that is fresh from the kernel.</summary>
    internal static NftSocket From(SafeFd socket) => new(NetlinkSocket.From(socket));

    /// <summary>The number by which <see cref="NftMonitor"/> tells this socket's changes from others'.</summary>
    public uint Port => _socket.Port;

    /// <summary>Makes all changes of the batch, or none.</summary>
    /// <exception cref="LinuxException">The kernel refused one of them, and so all.</exception>
    public void Commit(NftBatch batch)
    {
        if (batch.IsEmpty)
            return;
        if (_socket.Execute(batch.Finish(), batch.LastSequence) is { } failure)
            throw Exception(batch.Act(failure.Sequence), failure);
        FailPoint.Reach("rules-changed");
    }

    /// <summary>The names of all tables of the family <c>inet</c>.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public IReadOnlyList<string> Tables()
    {
        List<string> tables = [];
        var failure = Dump(Question(NFT_MSG_GETTABLE), attributes =>
        {
            while (attributes.MoveNext())
            {
                if (attributes.Type == NFTA_TABLE_NAME)
                    tables.Add(attributes.Text);
            }
        });
        return failure is { } refused ? throw Exception("list tables", refused) : tables;
    }

    /// <summary>How many elements a map of a table of the family <c>inet</c> has.</summary>
    /// <exception cref="LinuxException">ENOENT: there is no such map; or the kernel refused.</exception>
    public int CountElements(string table, string map)
    {
        var count = 0;
        return Elements(table, map, _ => count++) is { } refused ? throw Exception($"list elements of map '{map}' of table 'inet {table}'", refused) : count;
    }

    private delegate void Reader(NetlinkAttributes attributes);

    private NetlinkFailure? Elements(string table, string map, Reader read)
    {
        var question = Question(NFT_MSG_GETSETELEM);
        question.Attribute(NFTA_SET_ELEM_LIST_TABLE, table);
        question.Attribute(NFTA_SET_ELEM_LIST_SET, map);
        return Dump(question, attributes =>
        {
            while (attributes.MoveNext())
            {
                if (attributes.Type != NFTA_SET_ELEM_LIST_ELEMENTS)
                    continue;
                var elements = attributes.Inner;
                while (elements.MoveNext())
                    read(elements.Inner);
            }
        });
    }

    /// <summary>Begins a question for all of a kind in the family <c>inet</c>; attributes may follow.</summary>
    private static NetlinkWriter Question(byte message)
    {
        const uint inet = 1;
        var question = new NetlinkWriter();
        question.BeginMessage(Message(message), NetlinkFlags.Request | NetlinkFlags.Dump, 1);
        question.Fixed(inet);
        return question;
    }

    private NetlinkFailure? Dump(NetlinkWriter question, Reader read)
    {
        question.EndMessage();
        return _socket.Query(question, dump: true, (_, payload) => read(Attributes(payload)));
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static NetlinkAttributes Attributes(ReadOnlySpan<byte> payload) =>
        new(payload.Length >= GenericHeaderSize ? payload[GenericHeaderSize..] : default);

    private static ushort Message(byte message) => (ushort)((NFNL_SUBSYS_NFTABLES << 8) | message);

    private static LinuxException Exception(string act, NetlinkFailure failure) =>
        new(failure.Text is null ? act : $"{act} (the kernel says: {failure.Text})", failure.Errno);
}
