using System.Buffers.Binary;
using System.Net;
using System.Text;
using Sampan.Network.Dns;
using Sampan.Network.Endpoints;

namespace Sampan.Network.Tests.Dns;

public class DnsMessageTests
{
    [Fact]
    public void A_question_is_read_with_its_name_in_lower_case()
    {
        DnsQuery.TryParse(Question("MySQL.Todo-App", 1, edns: 1400), out var query).ShouldBeTrue();

        query.Name.ShouldBe("mysql.todo-app");
        query.Type.ShouldBe((ushort)1);
        query.Class.ShouldBe((ushort)1);
        query.Id.ShouldBe((ushort)0x1234);
        query.HasEdns.ShouldBeTrue();
        query.DatagramBytes.ShouldBe(1400);
    }

    [Fact]
    public void Garbled_messages_are_refused_or_read_but_never_break()
    {
        var random = new Random(53);
        var good = Question("a.very.long.name.of.a.container.example", 28, edns: 4096);
        for (var i = 0; i < 50_000; i++)
        {
            var message = i % 2 == 0 ? (byte[])good.Clone() : new byte[random.Next(80)];
            if (i % 2 == 1)
                random.NextBytes(message);
            for (var flips = random.Next(4); flips > 0 && message.Length > 0; flips--)
                message[random.Next(message.Length)] = (byte)random.Next(256);
            var cut = message.AsSpan(0, random.Next(message.Length + 1));

            if (DnsQuery.TryParse(cut, out var query))
            {
                query.QuestionEnd.ShouldBeLessThanOrEqualTo(cut.Length);
                query.Name.Length.ShouldBeLessThan(256);
                DnsAnswer.Empty(query, cut, 0).Length.ShouldBeGreaterThanOrEqualTo(query.QuestionEnd);
            }

            _ = Upstream.Lifetimes(cut, out _, out _);
        }
    }

    [Theory]
    [InlineData(0xC0)] // a compression pointer to itself
    [InlineData(0x80)] // a label of a kind that nobody uses
    [InlineData(64)] // a label that is too long
    public void Names_that_lead_in_circles_or_are_no_names_are_refused(byte first)
    {
        var message = Question("x", 1);
        message[12] = first;
        message[13] = 12;

        DnsQuery.TryParse(message, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_name_of_more_than_255_bytes_is_refused() =>
        DnsQuery.TryParse(Question(string.Join('.', Enumerable.Repeat(new string('a', 63), 4)), 1), out _).ShouldBeFalse();

    [Fact]
    public void An_answer_has_all_addresses_or_says_that_it_is_cut_off()
    {
        var message = Question("db", 1);
        DnsQuery.TryParse(message, out var query).ShouldBeTrue();
        IPAddress[] many = [.. Enumerable.Range(1, 100).Select(i => new IPAddress([10, 0, 0, (byte)i]))];

        var whole = DnsAnswer.Addresses(query, message, many, ushort.MaxValue);
        var cut = DnsAnswer.Addresses(query, message, many, 512);

        Count(whole).ShouldBe(100);
        (whole[2] & 2).ShouldBe(0);
        Upstream.Lifetimes(whole, out var places, out var shortest).ShouldBeTrue("it is a message as others write them");
        places.Count.ShouldBe(100);
        shortest.ShouldBe(600u);
        cut.Length.ShouldBeLessThanOrEqualTo(512);
        Count(cut).ShouldBeGreaterThan(20);
        (cut[2] & 2).ShouldBe(2);
    }

    [Fact]
    public void Names_aliases_short_ids_and_links_are_found_on_the_networks_of_the_one_who_asks()
    {
        NamedNetwork app = new("n1", "app", [IPAddress.Parse("10.0.1.1")], IsInternal: false, HasNames: true);
        NamedNetwork other = new("n2", "other", [IPAddress.Parse("10.0.2.1")], IsInternal: true, HasNames: true);
        NamedNetwork bridge = new("n3", "bridge", [IPAddress.Parse("10.0.3.1")], IsInternal: false, HasNames: false);
        var directory = new NameDirectory(
        [
            Sandbox("aaaaaaaaaaaaaaaa", "Web", ("n1", "10.0.1.2", ["www"], [])),
            Sandbox("bbbbbbbbbbbbbbbb", "db-1", ("n1", "10.0.1.3", ["db"], [])),
            Sandbox("cccccccccccccccc", "db-2", ("n1", "10.0.1.4", ["db"], ["web:front"]), ("n2", "10.0.2.4", [], [])),
            Sandbox("dddddddddddddddd", "inner", ("n2", "10.0.2.5", [], [])),
            Sandbox("eeeeeeeeeeeeeeee", "old", ("n3", "10.0.3.6", [], [])),
        ],
        [app, bridge, other]);

        Found("bbbbbbbbbbbbbbbb", "web").ShouldBe("10.0.1.2");
        Found("bbbbbbbbbbbbbbbb", "www").ShouldBe("10.0.1.2");
        Found("bbbbbbbbbbbbbbbb", "aaaaaaaaaaaa").ShouldBe("10.0.1.2");
        Found("bbbbbbbbbbbbbbbb", "web.app").ShouldBe("10.0.1.2");
        Found("aaaaaaaaaaaaaaaa", "db").ShouldBe("10.0.1.3 10.0.1.4");
        Found("cccccccccccccccc", "front").ShouldBe("10.0.1.2");
        Found("bbbbbbbbbbbbbbbb", "front").ShouldBeNull("a link is one container's");
        Found("bbbbbbbbbbbbbbbb", "inner").ShouldBeNull("it is on another network");
        Found("dddddddddddddddd", "web").ShouldBeNull();
        Found("eeeeeeeeeeeeeeee", "old").ShouldBeNull("the default network has no names");
        Found("bbbbbbbbbbbbbbbb", "host.docker.internal").ShouldBe("10.0.1.1");
        directory.FindName("bbbbbbbbbbbbbbbb", IPAddress.Parse("10.0.1.2")).ShouldBe("Web.app");
        directory.FindName("dddddddddddddddd", IPAddress.Parse("10.0.1.2")).ShouldBeNull();
        directory.MayAskOutside("dddddddddddddddd").ShouldBeFalse("CVE-2024-29018");
        directory.MayAskOutside("cccccccccccccccc").ShouldBeTrue();

        string? Found(string container, string name) => directory.Find(container, name) is { } addresses ? string.Join(' ', addresses) : null;
    }

    [Fact]
    public void The_hosts_resolvers_are_read_as_resolv_conf_has_them() =>
        HostResolvers.Parse("# x\nnameserver 127.0.0.53\nsearch corp\n nameserver\t10.0.0.1 \nnameserver fd00::1\nnameserver 10.0.0.9\nnameserver banana\n")
            .Select(e => e.ToString()).ShouldBe(["127.0.0.53:53", "10.0.0.1:53", "[fd00::1]:53"]);

    internal static byte[] Question(string name, ushort type, ushort? edns = null)
    {
        List<byte> message = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, (byte)(edns is null ? 0 : 1)];
        foreach (var label in name.Split('.'))
            message.AddRange([(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]);
        message.AddRange([0, (byte)(type >> 8), (byte)type, 0, 1]);
        if (edns is { } size)
            message.AddRange([0, 0, 41, (byte)(size >> 8), (byte)size, 0, 0, 0, 0, 0, 0]);
        return [.. message];
    }

    private static int Count(byte[] answer) => BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(6));

    private static SandboxRecord Sandbox(string id, string name, params (string Network, string Address, string[] Aliases, string[] Links)[] places) => new()
    {
        ContainerId = id,
        ContainerName = name,
        Endpoints = [.. places.Select(p => new EndpointRecord { EndpointId = id, NetworkId = p.Network, Address = p.Address, Aliases = p.Aliases, Links = p.Links })],
    };
}
