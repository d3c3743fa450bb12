using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Sampan.Linux.Netlink.Nftables;
using Sampan.Linux.Netlink.Route;
using Sampan.Linux.Proc;
using Sampan.Network;
using Sampan.Network.Addresses;
using Sampan.Network.Bridges;
using Sampan.Network.Firewall;

namespace Sampan.Kernel.Tests.Network;

public class FirewallKernelTests
{
    [Fact]
    public void The_kernel_keeps_what_the_rule_set_says_and_nft_reads_the_same_text()
    {
        if (!File.Exists("/usr/sbin/nft"))
            Assert.Skip("needs nft to list what the kernel keeps");
        using var byNetlink = TestSpace.Make("netlink");
        using var byText = TestSpace.Make("text");
        var table = RuleSet();

        byNetlink.Run(() =>
        {
            using var nft = NftSocket.Open();
            nft.Make(table);
            nft.Make(table); // once more: the same again
        });
        byText.Run(() => Nft("-f -", table.ToString()));

        var kept = byNetlink.Run(() => Nft("list ruleset", ""));
        var wanted = byText.Run(() => Nft("list ruleset", ""));
        kept.Split('\n').Except(wanted.Split('\n')).ShouldBeEmpty();
        kept.ShouldBe(wanted);
        foreach (var comment in table.Chains.SelectMany(c => c.Rules).Select(r => r.Comment))
            kept.ShouldContain(comment);
        kept.ShouldContain("tcp . 8080 : 10.77.0.2 . 80");
    }

    [Fact]
    public void The_rules_inside_a_container_are_kept_as_nft_reads_them()
    {
        if (!File.Exists("/usr/sbin/nft"))
            Assert.Skip("needs nft to list what the kernel keeps");
        using var byNetlink = TestSpace.Make("netlink");
        using var byText = TestSpace.Make("text");
        var table = NameRules.Build((40001, 40002));

        byNetlink.Run(() =>
        {
            using var nft = NftSocket.Open();
            nft.Make(table);
        });
        byText.Run(() => Nft("-f -", table.ToString()));

        var kept = byNetlink.Run(() => Nft("list ruleset", ""));
        kept.ShouldBe(byText.Run(() => Nft("list ruleset", "")));
        kept.ShouldContain("udp dport set 40001");
    }

    [Fact]
    public void A_table_that_is_made_again_is_as_it_was_and_its_chains_are_the_same_ones()
    {
        if (!File.Exists("/usr/sbin/nft"))
            Assert.Skip("needs nft to change what the kernel keeps");
        using var space = TestSpace.Make("space");
        var table = RuleSet();
        Make(space, table);
        var (before, chains) = (List(space), Chains());

        space.Run(() => Nft("-f -", """
            flush chain inet sptest0 forward
            delete element inet sptest0 published { tcp . 8080 }
            add element inet sptest0 published { tcp . 8080 : 10.77.0.9 . 80 }
            add element inet sptest0 published { tcp . 9999 : 10.77.0.9 . 80 }
            add chain inet sptest0 strange { type filter hook input priority 5; policy drop; }
            add rule inet sptest0 strange tcp dport { 1, 2 } jump to-sptest0
            add map inet sptest0 stranger { type inet_service : verdict; }
            add element inet sptest0 stranger { 1 : jump to-sptest0 }
            add chain inet sptest0 postrouting { type nat hook postrouting priority srcnat; policy drop; }
            """));
        List(space).ShouldNotBe(before);
        Make(space, table);
        List(space).ShouldBe(before);
        Chains().ShouldBe(chains);

        // What rules put into a set stays there.
        space.Run(() => Nft("add element inet sptest0 admitted { 192.0.2.9 . tcp . 8080 }", ""));
        Make(space, table);
        space.Elements(table.Name, "admitted").ShouldBe(1);

        List<string> Chains() => [.. space.Run(() => Nft("-a list table inet sptest0", "")).Split('\n').Where(l => l.StartsWith("table ", StringComparison.Ordinal) || l.StartsWith("\tchain ", StringComparison.Ordinal))];
    }

    [Fact]
    public void A_table_becomes_another_as_if_it_had_never_been_anything_else()
    {
        if (!File.Exists("/usr/sbin/nft"))
            Assert.Skip("needs nft to list what the kernel keeps");
        using var changed = TestSpace.Make("changed");
        using var fresh = TestSpace.Make("fresh");
        Subnet.TryParse("10.79.0.1/24", out var subnet, out _).ShouldBeTrue();
        var other = FirewallRules.Build("sptest0", [new FirewallNetwork("sptest2", subnet, IsInternal: false)], routingWasOff: false, [FirewallRules.Publish(Port(8080), IPAddress.Parse("10.79.0.2"))], services: true);
        Make(fresh, other);

        Make(changed, RuleSet());
        Make(changed, other);

        Sorted(changed).ShouldBe(Sorted(fresh));

        static string[] Sorted(TestSpace space) => [.. List(space).Split('\n').Order(StringComparer.Ordinal)];
    }

    // A chain in the place of another: of each fifty changes one showed it.
    [Fact]
    public void No_packet_misses_a_published_port_while_the_rules_are_made_again()
    {
        using var space = TestSpace.Make("space");
        var container = IPAddress.Parse("10.77.0.2");
        Subnet.TryParse("10.77.0.1/16", out var subnet, out _).ShouldBeTrue();
        var table = FirewallRules.Build("sptest0", [new FirewallNetwork("sptest0", subnet, IsInternal: false)], routingWasOff: false, [FirewallRules.Publish(Port(8080) with { Protocol = PortProtocol.Udp }, container)]);
        space.Run(() =>
        {
            using var route = RouteSocket.Open();
            var loopback = route.FindLink("lo") ?? throw new InvalidOperationException("no loopback");
            route.Commit(new RouteBatch().AddAddress(loopback.Index, container, 32));
            Sysctl.Write("net/netfilter/nf_conntrack_udp_timeout", "1"); // each packet below is a connection
        });
        Make(space, table);
        using var reached = Datagrams(container, 80);
        using var missed = Datagrams(IPAddress.Any, 8080);
        using var sender = Datagrams(IPAddress.Any, 0);

        using var end = new CancellationTokenSource();
        var sending = new Thread(() =>
        {
            for (uint number = 1; !end.IsCancellationRequested; number++)
            {
                try
                {
                    sender.SendTo("x"u8, new IPEndPoint(new IPAddress([127, (byte)(number >> 16), (byte)(number >> 8), (byte)number]), 8080));
                }
                catch (SocketException)
                {
                    // More connections than the kernel follows at a time.
                }
            }
        });
        sending.Start();
        try
        {
            space.Run(() =>
            {
                using var nft = NftSocket.Open();
                for (var i = 0; i < 300; i++)
                    nft.Make(table);
            });
        }
        finally
        {
            end.Cancel();
            sending.Join();
        }

        reached.Available.ShouldBeGreaterThan(0);
        missed.Available.ShouldBe(0);

        Socket Datagrams(IPAddress address, int port) => space.Run(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(address, port));
            return socket;
        });
    }

    [Fact]
    public void A_batch_is_done_wholly_or_not_at_all()
    {
        using var space = TestSpace.Make("space");
        var table = RuleSet();
        var other = FirewallRules.Publish(Port(9000), IPAddress.Parse("10.77.0.9"));
        var taken = FirewallRules.Publish(Port(8080), IPAddress.Parse("10.77.0.9"));

        var (before, after, refusal) = space.Run(() =>
        {
            using var nft = NftSocket.Open();
            nft.Make(table);
            var before = nft.CountElements(table.Name, FirewallRules.OnAnyAddress);
            var refusal = Should.Throw<Sampan.Linux.LinuxException>(() => nft.Commit(new NftBatch().AddElements(table.Name, [other, taken])));
            return (before, nft.CountElements(table.Name, FirewallRules.OnAnyAddress), refusal);
        });

        after.ShouldBe(before);
        refusal.Errno.ShouldBe(Sampan.Linux.Errno.EEXIST);
        refusal.Message.ShouldContain("8080");
    }

    private static void Make(TestSpace space, NftTable table) => space.Run(() =>
    {
        using var nft = NftSocket.Open();
        nft.Make(table);
    });

    private static string List(TestSpace space) => space.Run(() => Nft("list ruleset", ""));

    private static NftTable RuleSet()
    {
        Subnet.TryParse("10.77.0.1/16", out var first, out _).ShouldBeTrue();
        Subnet.TryParse("fd00:77::1/64", out var first6, out _).ShouldBeTrue();
        Subnet.TryParse("10.78.0.1/24", out var second, out _).ShouldBeTrue();
        var obeying = new FirewallNetwork("sptest0", first, IsInternal: false)
        {
            Subnet6 = first6,
            ObeysHost = true,
            Mode = GatewayMode.NatUnprotected,
            Mode6 = GatewayMode.Routed,
            Trusted = ["lan0"],
            Source = IPAddress.Parse("192.0.2.7"),
        };
        return FirewallRules.Build(
            "sptest0",
            [obeying, new FirewallNetwork("sptest1", second, IsInternal: true)],
            routingWasOff: true,
            [
                FirewallRules.Publish(Port(8080), IPAddress.Parse("10.77.0.2")),
                HostPolicyRules.Ask(Port(8080)),
                FirewallRules.Open(Port(8080), IPAddress.Parse("10.77.0.2")),
                FirewallRules.Open(Port(8080), IPAddress.Parse("fd00:77::2")),
                FirewallRules.Publish(Port(8081) with { HostAddress = IPAddress.Loopback, Protocol = PortProtocol.Udp }, IPAddress.Parse("10.77.0.3")),
                FirewallRules.Publish(Port(8080) with { HostAddress = IPAddress.IPv6Any }, IPAddress.Parse("fd00:77::2")),
                FirewallRules.Publish(Port(8082) with { HostAddress = IPAddress.IPv6Loopback, Protocol = PortProtocol.Sctp }, IPAddress.Parse("fd00:77::3")),
            ],
            routing6WasOff: true);
    }

    private static PortMapping Port(ushort port) =>
        new() { Protocol = PortProtocol.Tcp, ContainerPort = 80, HostAddress = IPAddress.Any, HostPort = port };

    internal static string Nft(string arguments, string input)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/sbin/nft", arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException("nft did not start");
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        errors.ShouldBe("");
        process.ExitCode.ShouldBe(0);
        return output;
    }
}
