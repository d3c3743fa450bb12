using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Sampan.Engine.Tests.Doubles;
using Sampan.Network.Dns;
using Sampan.Network.Endpoints;

namespace Sampan.Network.Tests.Dns;

/// <summary>Names outside, and names that mean several containers.</summary>
public class UpstreamTests
{
    private const int Patience = 30_000;
    private const int TruncatedBit = 2;
    private static readonly byte[] s_question = DnsMessageTests.Question("example.org", 1);

    [Fact]
    public async Task An_answer_is_remembered_for_as_long_as_it_says_and_no_longer()
    {
        await using var outside = new OutsideServer((query, message) => DnsAnswer.Addresses(query, message, [IPAddress.Parse("192.0.2.7")], 512));
        var time = new ManualTime();
        var upstream = new Upstream(time);

        LifetimeOf(await AskAsync(upstream, outside)).ShouldBe(600u);
        time.Pass(TimeSpan.FromSeconds(400));
        LifetimeOf(await AskAsync(upstream, outside)).ShouldBe(200u, "the one who asks hears how long it still holds");
        outside.Asked.ShouldBe(1);
        time.Pass(TimeSpan.FromSeconds(200));
        LifetimeOf(await AskAsync(upstream, outside)).ShouldBe(600u);
        outside.Asked.ShouldBe(2);
    }

    [Theory]
    [InlineData(24)]
    [InlineData(-24)]
    public async Task An_answer_holds_as_long_whatever_the_clock_is_set_to(int hours)
    {
        await using var outside = new OutsideServer((query, message) => DnsAnswer.Addresses(query, message, [IPAddress.Parse("192.0.2.7")], 512));
        var time = new ManualTime();
        var upstream = new Upstream(time);
        await AskAsync(upstream, outside);

        time.Set(TimeSpan.FromHours(hours));
        time.Pass(TimeSpan.FromSeconds(599));
        LifetimeOf(await AskAsync(upstream, outside)).ShouldBe(1u);
        outside.Asked.ShouldBe(1);
        time.Set(TimeSpan.FromHours(-2 * hours));
        time.Pass(TimeSpan.FromSeconds(1));
        LifetimeOf(await AskAsync(upstream, outside)).ShouldBe(600u);
        outside.Asked.ShouldBe(2);
    }

    [Fact]
    public async Task All_are_asked_at_once_and_the_first_good_answer_counts()
    {
        await using var silent = new OutsideServer((_, _) => null);
        await using var failing = new OutsideServer((query, message) => DnsAnswer.Empty(query, message, DnsAnswer.ServerFailure));
        await using var good = new OutsideServer((query, message) => DnsAnswer.Addresses(query, message, [IPAddress.Parse("192.0.2.7")], 512));

        var answer = await AskAsync(new Upstream(new ManualTime()), silent, failing, good);

        AddressesOf(answer).ShouldBe([IPAddress.Parse("192.0.2.7")]);
        SpinWait.SpinUntil(() => silent.Asked == 1 && failing.Asked == 1, Patience).ShouldBeTrue("all of them were asked");
    }

    [Fact]
    public async Task An_answer_that_says_there_is_none_counts_and_what_nobody_can_say_is_passed_on()
    {
        const int nameError = 3;
        await using var none = new OutsideServer((query, message) => DnsAnswer.Empty(query, message, nameError));
        await using var failing = new OutsideServer((query, message) => DnsAnswer.Empty(query, message, DnsAnswer.ServerFailure));

        ((await AskAsync(new Upstream(new ManualTime()), failing, none))[3] & 0x0F).ShouldBe(nameError);
        ((await AskAsync(new Upstream(new ManualTime()), failing))[3] & 0x0F).ShouldBe(DnsAnswer.ServerFailure);
    }

    [Fact]
    public async Task An_answer_too_long_for_a_datagram_is_cut_off_and_comes_whole_by_a_stream()
    {
        IPAddress[] many = [.. Enumerable.Range(1, 200).Select(i => new IPAddress([192, 0, 2, (byte)i]))];
        await using var outside = new OutsideServer((query, message) => DnsAnswer.Addresses(query, message, many, ushort.MaxValue));
        using var questions = new QuestionThread(_ => { });
        await using var server = Server(questions, [Sandbox("web", "10.0.1.2")], [outside.Address]);

        var cut = Ask(server, s_question, byStream: false);
        var whole = Ask(server, s_question, byStream: true);

        (cut[2] & TruncatedBit).ShouldBe(TruncatedBit);
        cut.Length.ShouldBeLessThanOrEqualTo(512);
        (whole[2] & TruncatedBit).ShouldBe(0);
        AddressesOf(whole).ShouldBe(many);
    }

    [Fact]
    public async Task Containers_of_one_name_come_first_by_turns()
    {
        string[] addresses = ["10.0.1.2", "10.0.1.3", "10.0.1.4"];
        using var questions = new QuestionThread(_ => { });
        await using var server = Server(questions, [.. addresses.Select((a, i) => Sandbox($"replica-{i}", a))], []);
        HashSet<string> first = [];

        for (var i = 0; i < 1000 && first.Count < addresses.Length; i++)
        {
            var answer = AddressesOf(Ask(server, DnsMessageTests.Question("db", 1), byStream: false)).Select(a => a.ToString()).ToList();
            answer.ShouldBe(addresses, ignoreOrder: true);
            first.Add(answer[0]);
        }

        first.ShouldBe(addresses, ignoreOrder: true);
    }

    [Fact]
    public void The_hosts_resolvers_are_those_that_resolv_conf_names_now()
    {
        var path = Path.GetTempFileName();
        try
        {
            var time = new ManualTime();
            var resolvers = new HostResolvers(path, time);
            Write("nameserver 192.0.2.1\n", at: 1);
            resolvers.Servers.Select(s => s.Address.ToString()).ShouldBe(["192.0.2.1"]);

            Write("nameserver 192.0.2.2\nnameserver fd00::53\n", at: 2);
            time.Pass(TimeSpan.FromSeconds(2));
            resolvers.Servers.Select(s => s.Address.ToString()).ShouldBe(["192.0.2.2", "fd00::53"]);

            File.Delete(path);
            time.Pass(TimeSpan.FromSeconds(2));
            resolvers.Servers.ShouldBeEmpty();
        }
        finally
        {
            File.Delete(path);
        }

        void Write(string text, int at)
        {
            File.WriteAllText(path, text);
            File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddDays(at)); // two writes within one tick of the file system's clock are told apart
        }
    }

    private static SandboxRecord Sandbox(string name, string address) => new()
    {
        ContainerId = name + "-aaaaaaaaaaaaaaaa",
        ContainerName = name,
        Endpoints = [new EndpointRecord { EndpointId = "e", NetworkId = "n1", Address = address, Aliases = ["db"] }],
    };

    private static NameServer Server(QuestionThread questions, IReadOnlyList<SandboxRecord> containers, IReadOnlyList<IPEndPoint> outside)
    {
        var directory = new NameDirectory(containers, [new("n1", "app", [IPAddress.Parse("10.0.1.1")], IsInternal: false, HasNames: true)]);
        var sockets = NameServer.Listen(new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp), new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        return new NameServer(containers[0].ContainerId, sockets, () => directory, () => outside, new Upstream(new ManualTime()), questions, TimeProvider.System);
    }

    private static byte[] Ask(NameServer server, byte[] question, bool byStream)
    {
        using var socket = byStream
            ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.ReceiveTimeout = Patience;
        socket.Connect(NameServer.Address, byStream ? server.Ports.Streams : server.Ports.Datagrams);
        if (!byStream)
        {
            socket.Send(question);
            var buffer = new byte[4096];
            return buffer[..socket.Receive(buffer)];
        }

        socket.Send([(byte)(question.Length >> 8), (byte)question.Length, .. question]);
        using var stream = new NetworkStream(socket);
        var length = new byte[2];
        stream.ReadExactly(length);
        var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        stream.ReadExactly(answer);
        return answer;
    }

    private static async Task<byte[]> AskAsync(Upstream upstream, params OutsideServer[] servers)
    {
        DnsQuery.TryParse(s_question, out var query).ShouldBeTrue();
        var answer = await upstream.AskAsync([.. servers.Select(s => s.Address)], query, s_question, byStream: false, CancellationToken.None);
        answer.ShouldNotBeNull()[..2].ShouldBe(s_question[..2], "the number is the asker's");
        return answer;
    }

    private static uint LifetimeOf(byte[] answer)
    {
        Upstream.Lifetimes(answer, out _, out var shortest).ShouldBeTrue();
        return shortest;
    }

    // Answers of ours: a pointer to the question's name and twelve bytes before each address.
    private static List<IPAddress> AddressesOf(byte[] answer)
    {
        const int record = 16;
        var count = BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(6));
        return [.. Enumerable.Range(0, count).Select(i => new IPAddress(answer.AsSpan(answer.Length - ((count - i) * record) + 12, 4)))];
    }
}
