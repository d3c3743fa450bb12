using System.Text;
using Google.Protobuf;
using Sampan.BuildKit.Files;
using Sampan.BuildKit.Grpc;
using Sampan.BuildKit.Protos;

namespace Sampan.Server.Tests.Sessions;

/// <summary>Files that a client sends over its session, by honest clients and by others.</summary>
public sealed class FileTransferTests
{
    private const uint GoDirectory = 1u << 31;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_asked_for_comes_whole_in_whatever_order_the_pieces_are()
    {
        string[][] headers = [];
        await using var peer = await PeerAsync(async call =>
        {
            headers = [call.Header("exclude-patterns"), call.Header("followpaths"), call.Header("dir-name")];
            foreach (var file in Files())
                await call.WriteAsync(new Packet { Stat = file });
            await call.WriteAsync(new Packet());
            // All is asked for before anything is sent.
            var asked = new List<uint>();
            while (asked.Count < 2)
                asked.Add((await call.ReadAsync(Packet.Parser))!.ID);
            asked.ShouldBe([1u, 2u]);
            foreach (var (id, text) in new[] { (2u, "tw"), (1u, "on"), (2u, "o"), (1u, "e"), (2u, ""), (1u, "") })
                await call.WriteAsync(new Packet { Type = Packet.Types.PacketType.PacketData, ID = id, Data = ByteString.CopyFromUtf8(text) });
            (await call.ReadAsync(Packet.Parser))!.Type.ShouldBe(Packet.Types.PacketType.PacketFin);
            await call.WriteAsync(new Packet { Type = Packet.Types.PacketType.PacketFin });
        });
        var session = await peer.SessionAsync(FileTransfer.Method);

        await using var transfer = FileTransfer.Begin(session, new FileWish("context") { Excludes = ["*.log", "!a,b.log", "ä", new string('x', 20_000)], Follows = ["one"] }, Ct);
        var files = await transfer.ListAsync(Ct);
        var contents = new Dictionary<int, string>();
        await transfer.FetchAsync([(1, 3), (2, 3)], (number, piece) => contents[number] = contents.GetValueOrDefault(number, "") + Encoding.UTF8.GetString(piece.Span), Ct);

        files.Select(file => file.Path.ToStringUtf8()).ShouldBe(["d", "d/one", "two"]);
        contents.ShouldBe(new Dictionary<int, string> { [1] = "one", [2] = "two" }, ignoreOrder: true);
        headers[0].ShouldBe(["*.log", "!a,b.log", "ä", new string('x', 20_000)], "each rule is a field of its own");
        headers[1].ShouldBe(["one"]);
        headers[2].ShouldBe(["context"]);
    }

    [Fact]
    public async Task Nothing_is_fetched_where_nothing_is_wanted()
    {
        await using var peer = await PeerAsync(async call =>
        {
            await call.WriteAsync(new Packet());
            (await call.ReadAsync(Packet.Parser))!.Type.ShouldBe(Packet.Types.PacketType.PacketFin);
            await call.WriteAsync(new Packet { Type = Packet.Types.PacketType.PacketFin });
        });
        await using var transfer = FileTransfer.Begin(await peer.SessionAsync(), new FileWish("context"), Ct);
        (await transfer.ListAsync(Ct)).ShouldBeEmpty();
        await transfer.FetchAsync([], (_, _) => throw new InvalidOperationException(), Ct);
    }

    [Theory]
    [InlineData("content that was not asked for", Packet.Types.PacketType.PacketData, 0u)]
    [InlineData("content that was not asked for", Packet.Types.PacketType.PacketData, 7u)]
    [InlineData("content that was not asked for", Packet.Types.PacketType.PacketData, uint.MaxValue)]
    [InlineData("where none is expected", Packet.Types.PacketType.PacketReq, 1u)]
    [InlineData("where none is expected", Packet.Types.PacketType.PacketStat, 0u)]
    [InlineData("where none is expected", Packet.Types.PacketType.PacketFin, 0u)]
    [InlineData("cannot send its files: permission denied", Packet.Types.PacketType.PacketErr, 0u)]
    public async Task What_does_not_belong_there_is_refused(string reason, Packet.Types.PacketType kind, uint id)
    {
        await using var peer = await PeerAsync(async call =>
        {
            foreach (var file in Files())
                await call.WriteAsync(new Packet { Stat = file });
            await call.WriteAsync(new Packet());
            await call.WriteAsync(new Packet { Type = kind, ID = id, Data = ByteString.CopyFromUtf8("permission denied") });
            await call.ReadAsync(Packet.Parser);
        });
        await using var transfer = FileTransfer.Begin(await peer.SessionAsync(), new FileWish("context"), Ct);
        await transfer.ListAsync(Ct);

        var refused = await Should.ThrowAsync<GrpcException>(() => transfer.FetchAsync([(1, 3)], (_, _) => { }, Ct));
        refused.Message.ShouldContain(reason);
    }

    [Fact]
    public async Task A_client_that_says_no_ends_early_or_breaks_the_protocol_makes_the_transfer_fail_with_the_reason()
    {
        var acts = new (string Reason, Func<SessionPeer.Call, Task> Act)[]
        {
            ("no access allowed to dir \"context\"", call => { call.End(GrpcCode.NotFound, "no access allowed to dir \"context\""); return Task.CompletedTask; }),
            ("ended the transfer before its files had come", _ => Task.CompletedTask),
            ("malformed message", call => call.RawAsync([0, 0, 0, 0, 3, 0xff, 0xff, 0xff])),
            ("a message of 4294967295 bytes", call => call.RawAsync([0, 0xff, 0xff, 0xff, 0xff])),
            ("no compression was agreed on", call => call.RawAsync([1, 0, 0, 0, 0])),
            ("ended inside of a message", call => call.RawAsync([0, 0, 0, 0, 9, 1])),
            ("connection broke", call => { call.Abort(); return Task.CompletedTask; }),
            ("has a size or a target that cannot be", call => call.WriteAsync(new Packet { Stat = new Stat { Path = ByteString.CopyFromUtf8("a"), Size = -1 } })),
            ("is no plain path", call => call.WriteAsync(new Packet { Stat = new Stat { Path = ByteString.CopyFromUtf8("../a") } })),
            ("where none is expected", call => call.WriteAsync(new Packet { Type = Packet.Types.PacketType.PacketData })),
        };
        foreach (var (reason, act) in acts)
        {
            await using var peer = await PeerAsync(act);
            await using var transfer = FileTransfer.Begin(await peer.SessionAsync(), new FileWish("context"), Ct);
            (await Should.ThrowAsync<GrpcException>(() => transfer.ListAsync(Ct), reason)).Message.ShouldContain(reason);
        }
    }

    [Fact]
    public async Task A_client_that_cannot_write_what_it_is_sent_says_why_and_that_is_the_reason()
    {
        foreach (var isTree in new[] { true, false })
        {
            await using var peer = await SessionPeer.StartAsync(new Dictionary<string, Func<SessionPeer.Call, Task>>
            {
                [FileSending.Method] = async call =>
                {
                    if (isTree)
                        await call.WriteAsync(new Packet { Type = Packet.Types.PacketType.PacketErr, Data = ByteString.CopyFromUtf8("context canceled") });
                    call.End(GrpcCode.Unknown, "no space left on device");
                },
            });
            var session = await peer.SessionAsync(FileSending.Method);

            // More than may be under way without being read.
            var name = new string('x', 1 << 20);
            var refused = await Should.ThrowAsync<GrpcException>(() => isTree
                ? FileSending.SendTreeAsync(session, [.. Enumerable.Range(0, 64).Select(number => new Stat { Path = ByteString.CopyFromUtf8($"{number}{name}") })], _ => Stream.Null, Ct)
                : FileSending.SendStreamAsync(session, new MemoryStream(new byte[64 << 20]), Ct));

            refused.Message.ShouldContain("no space left on device");
        }
    }

    [Fact]
    public async Task A_connection_that_ends_ends_what_waits_for_it()
    {
        var begun = new TaskCompletionSource();
        await using var peer = await PeerAsync(async call =>
        {
            begun.TrySetResult();
            await call.ReadAsync(Packet.Parser);
        });
        var session = await peer.SessionAsync();
        await using var transfer = FileTransfer.Begin(session, new FileWish("context"), Ct);
        var listing = transfer.ListAsync(Ct);
        await begun.Task.WaitAsync(Ct);

        await session.DisposeAsync();

        (await Should.ThrowAsync<GrpcException>(() => listing)).Code.ShouldBe(GrpcCode.Unavailable);
    }

    [Fact]
    public void Modes_are_the_kernels_again_after_Gos()
    {
        foreach (var mode in new uint[] { 0x81a4, 0x41ed, 0xa1ff, 0x1180, 0x2180, 0x6180, 0xc1ff, 0x8fff, 0x43ff })
            GoMode.ToKernel(GoMode.FromKernel(mode)).ShouldBe(mode);
        GoMode.ToKernel(GoDirectory | (1u << 27)).ShouldBeNull();
        GoMode.ToKernel(1u << 19).ShouldBeNull();
    }

    private static IEnumerable<Stat> Files() =>
    [
        new Stat { Path = ByteString.CopyFromUtf8("d"), Mode = GoDirectory | 0x1ed },
        new Stat { Path = ByteString.CopyFromUtf8("d/one"), Mode = 0x1a4, Size = 3 },
        new Stat { Path = ByteString.CopyFromUtf8("two"), Mode = 0x1a4, Size = 3 },
    ];

    private static Task<SessionPeer> PeerAsync(Func<SessionPeer.Call, Task> act) => SessionPeer.StartAsync(new Dictionary<string, Func<SessionPeer.Call, Task>> { [FileTransfer.Method] = act });
}
