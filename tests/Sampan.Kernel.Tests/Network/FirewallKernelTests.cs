using System.Diagnostics;
using System.Net;
using Sampan.Linux.Netlink.Nftables;
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
            nft.Commit(new NftBatch().Replace(table));
            nft.Commit(new NftBatch().Replace(table)); // once more: the same again
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
            nft.Commit(new NftBatch().Replace(table));
        });
        byText.Run(() => Nft("-f -", table.ToString()));

        var kept = byNetlink.Run(() => Nft("list ruleset", ""));
        kept.ShouldBe(byText.Run(() => Nft("list ruleset", "")));
        kept.ShouldContain("udp dport set 40001");
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
            nft.Commit(new NftBatch().Replace(table));
            var before = nft.CountElements(table.Name, FirewallRules.OnAnyAddress);
            var refusal = Should.Throw<Sampan.Linux.LinuxException>(() => nft.Commit(new NftBatch().AddElements(table.Name, [other, taken])));
            return (before, nft.CountElements(table.Name, FirewallRules.OnAnyAddress), refusal);
        });

        after.ShouldBe(before);
        refusal.Errno.ShouldBe(Sampan.Linux.Errno.EEXIST);
        refusal.Message.ShouldContain("8080");
    }

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
