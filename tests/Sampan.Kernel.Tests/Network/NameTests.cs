using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Sampan.Linux.Netlink.Nftables;
using Sampan.Network;

namespace Sampan.Kernel.Tests.Network;

public class NameTests
{
    private const int Patience = 30_000;
    private const int SOL_SOCKET = 1;
    private const int SO_NO_CHECK = 11;

    [Fact]
    public async Task Containers_find_each_other_by_name_and_alias_also_after_a_restart_of_the_daemon()
    {
        await using var net = await NetworkFixture.OpenAsync();
        await net.Service.CreateAsync(new NetworkRequest { Name = "todo-app" }, CancellationToken.None);
        var asking = await net.ConnectAsync(Request("c1", "client"));
        var server = await net.ConnectAsync(Request("c2", "db-1") with { Aliases = ["mysql"] });

        asking.DnsServers.ShouldBe(["127.0.0.11"]);
        Addresses(Ask(asking, "mysql")).ShouldBe([server.Address!]);
        Addresses(Ask(asking, "DB-1")).ShouldBe([server.Address!]);
        Addresses(Ask(asking, "mysql", byStream: true)).ShouldBe([server.Address!]);
        Code(Ask(asking, "mysql", type: 28)).ShouldBe(0, "the name is there, an address of version 6 is not");
        Encoding.ASCII.GetString(Ask(asking, string.Join('.', server.Address!.GetAddressBytes().AsEnumerable().Reverse()) + ".in-addr.arpa", type: 12)).ShouldContain("db-1\u0008todo-app");

        await net.Service.RenameAsync("c2", "db-2", CancellationToken.None);
        Addresses(Ask(asking, "db-2")).ShouldBe([server.Address!]);

        await net.StopAsync();
        await net.StartAsync();
        await net.Service.AdoptAsync(["c1", "c2"], CancellationToken.None);
        Addresses(Ask(asking, "mysql")).ShouldBe([server.Address!]);

        await net.Service.DisconnectAsync("c2", CancellationToken.None);
        Code(Ask(asking, "mysql")).ShouldNotBe(0);
    }

    [Fact]
    public async Task A_container_that_keeps_its_rules_to_itself_keeps_no_daemon_from_its_networks()
    {
        if (!File.Exists("/usr/sbin/nft"))
            Assert.Skip("needs nft to take a table for its own");
        var told = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var net = await NetworkFixture.OpenAsync(o => o with { Notices = told.Enqueue });
        await net.Service.CreateAsync(new NetworkRequest { Name = "todo-app" }, CancellationToken.None);
        var taking = await net.ConnectAsync(Request("c1", "taker"));
        var asking = await net.ConnectAsync(Request("c2", "client"));
        using var owner = TestSpace.RunAt(taking.NetnsPath!, () => Process.Start(new ProcessStartInfo("/usr/sbin/nft", "-i") { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true }))
            ?? throw new InvalidOperationException("nft did not start");
        await owner.StandardInput.WriteLineAsync("delete table inet sampan-names; add table inet sampan-names { flags owner; }");
        await owner.StandardInput.FlushAsync();
        using var patience = new CancellationTokenSource(Patience);
        while (!TestSpace.RunAt(taking.NetnsPath!, () => FirewallKernelTests.Nft("list table inet sampan-names", "")).Contains("owner", StringComparison.Ordinal))
            await Task.Delay(20, patience.Token);

        await net.StopAsync();
        await net.StartAsync();
        await net.Service.AdoptAsync(["c1", "c2"], CancellationToken.None);

        told.ShouldContain(t => t.Contains("container taker finds no names", StringComparison.Ordinal));
        Addresses(Ask(asking, "taker")).ShouldBe([taking.Address!]);
        owner.Kill();
        await owner.WaitForExitAsync(patience.Token);
    }

    [Fact]
    public async Task A_program_in_the_container_may_have_port_53_of_all_addresses()
    {
        await using var net = await NetworkFixture.OpenAsync();
        await net.Service.CreateAsync(new NetworkRequest { Name = "todo-app" }, CancellationToken.None);
        var asking = await net.ConnectAsync(Request("c1", "client"));

        using var own = TestSpace.RunAt(asking.NetnsPath!, () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Any, 53));
            return socket;
        });

        Addresses(Ask(asking, "client")).ShouldBe([asking.Address!]);
    }

    [Fact]
    public async Task A_question_without_a_checksum_is_answered()
    {
        await using var net = await NetworkFixture.OpenAsync();
        await net.Service.CreateAsync(new NetworkRequest { Name = "todo-app" }, CancellationToken.None);
        var asking = await net.ConnectAsync(Request("c1", "client"));

        Addresses(Ask(asking, "client", hasChecksum: false)).ShouldBe([asking.Address!]);
    }

    [Fact]
    public async Task Names_make_the_kernel_track_no_connection_of_the_container()
    {
        // Tracking costs each packet of a stream between containers.
        const string count = "/proc/sys/net/netfilter/nf_conntrack_count";
        await using var net = await NetworkFixture.OpenAsync();
        await net.Service.CreateAsync(new NetworkRequest { Name = "todo-app" }, CancellationToken.None);
        var asking = await net.ConnectAsync(Request("c1", "client"));

        Addresses(Ask(asking, "client")).ShouldBe([asking.Address!]);
        Addresses(Ask(asking, "client", byStream: true)).ShouldBe([asking.Address!]);
        if (!File.Exists(count))
            Assert.Skip("this kernel tracks no connections at all");
        TestSpace.RunAt(asking.NetnsPath!, () => File.ReadAllText(count)).Trim().ShouldBe("0");
    }

    [Fact]
    public async Task A_container_that_tracks_its_connections_itself_sees_answers_to_its_questions()
    {
        await using var net = await NetworkFixture.OpenAsync();
        await net.Service.CreateAsync(new NetworkRequest { Name = "todo-app" }, CancellationToken.None);
        var asking = await net.ConnectAsync(Request("c1", "client"));
        var resolver = new NftAddress(Source: true, IPAddress.Parse("127.0.0.11"), 32);
        TestSpace.RunAt(asking.NetnsPath!, () =>
        {
            using var nft = NftSocket.Open();
            nft.Make(new NftTable
            {
                Name = "own",
                Chains =
                [
                    new NftChain
                    {
                        Name = "input",
                        Hook = new NftHook("filter", NftHookPoint.Input, 0),
                        Rules =
                        [
                            new NftRule("an answer, from where the question went", resolver, new NftPort(17, Source: true, 53), new NftEstablished(), new NftVerdict(NftVerdictKind.Accept)),
                            new NftRule("an answer, from where the question went", resolver, new NftPort(6, Source: true, 53), new NftEstablished(), new NftVerdict(NftVerdictKind.Accept)),
                            new NftRule("no answer to any question", resolver, new NftVerdict(NftVerdictKind.Drop)),
                        ],
                    },
                    new NftChain { Name = "output", Hook = new NftHook("nat", NftHookPoint.Output, -100) },
                ],
            });
            return true;
        });

        Addresses(Ask(asking, "client")).ShouldBe([asking.Address!]);
        Addresses(Ask(asking, "client", byStream: true)).ShouldBe([asking.Address!]);
    }

    [Fact]
    public async Task CVE_2024_29018_an_internal_network_asks_nobody_and_others_ask_for_names_outside_once()
    {
        using var outside = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var silent = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await using var net = await NetworkFixture.OpenAsync(o => o with { Resolvers = [(IPEndPoint)silent.Client.LocalEndPoint!, (IPEndPoint)outside.Client.LocalEndPoint!] }, new NothingIsDue());
        await net.Service.CreateAsync(new NetworkRequest { Name = "todo-app" }, CancellationToken.None);
        await net.Service.CreateAsync(new NetworkRequest { Name = "inside", Internal = true }, CancellationToken.None);
        var asking = await net.ConnectAsync(Request("c1", "client"));
        var locked = await net.ConnectAsync(Request("c2", "locked") with { NetworkName = "inside" });
        var asked = 0;
        using var end = new CancellationTokenSource();
        var answering = Task.Run(AnswerAsync, CancellationToken.None);

        Addresses(Ask(asking, "example.org")).ShouldBe([IPAddress.Parse("192.0.2.7")]);
        Addresses(Ask(asking, "example.org")).ShouldBe([IPAddress.Parse("192.0.2.7")]);
        asked.ShouldBe(1);
        Code(Ask(locked, "example.com")).ShouldBe(2);
        asked.ShouldBe(1);
        await end.CancelAsync();
        await answering;

        async Task AnswerAsync()
        {
            try
            {
                while (true)
                {
                    var question = await outside.ReceiveAsync(end.Token);
                    Interlocked.Increment(ref asked);
                    byte[] answer = [.. question.Buffer, 0xC0, 12, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4, 192, 0, 2, 7];
                    answer[2] |= 0x80;
                    answer[7] = 1;
                    await outside.SendAsync(answer, question.RemoteEndPoint, end.Token);
                }
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                // The test has seen enough.
            }
        }
    }

    // A busy machine may take longer for an answer than a resolver waits.
    private sealed class NothingIsDue : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private static EndpointRequest Request(string id, string name) => new() { ContainerId = id, ContainerName = name, NetworkName = "todo-app", Hostname = id };

    private static byte[] Ask(NetworkAttachment from, string name, ushort type = 1, bool byStream = false, bool hasChecksum = true) => TestSpace.RunAt(from.NetnsPath!, () =>
    {
        var question = Question(name, type);
        using var socket = byStream
            ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.ReceiveTimeout = Patience;
        if (!hasChecksum)
            socket.SetRawSocketOption(SOL_SOCKET, SO_NO_CHECK, BitConverter.GetBytes(1));
        socket.Connect(IPAddress.Parse("127.0.0.11"), 53);
        if (byStream)
            socket.Send([(byte)(question.Length >> 8), (byte)question.Length]);
        socket.Send(question);
        var buffer = new byte[4096];
        var count = socket.Receive(buffer);
        if (byStream)
        {
            while (count < 2 || count < 2 + BinaryPrimitives.ReadUInt16BigEndian(buffer))
                count += socket.Receive(buffer.AsSpan(count));
        }

        var answer = buffer[(byStream ? 2 : 0)..count];
        answer.AsSpan(0, 2).ToArray().ShouldBe(question[..2]);
        return answer;
    });

    private static int Code(byte[] answer) => answer[3] & 0x0F;

    private static List<IPAddress> Addresses(byte[] answer)
    {
        Code(answer).ShouldBe(0);
        var count = BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(6));
        return [.. Enumerable.Range(1, count).Select(i => new IPAddress(answer.AsSpan(answer.Length - (i * 16) + 12, 4)))];
    }

    private static byte[] Question(string name, ushort type)
    {
        List<byte> message = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        foreach (var label in name.Split('.'))
            message.AddRange([(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]);
        message.AddRange([0, 0, (byte)type, 0, 1]);
        return [.. message];
    }
}
