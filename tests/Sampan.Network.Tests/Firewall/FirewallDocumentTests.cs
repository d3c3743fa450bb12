using System.Net;
using Sampan.Linux.Netlink.Nftables;
using Sampan.Network.Addresses;
using Sampan.Network.Bridges;
using Sampan.Network.Firewall;

namespace Sampan.Network.Tests.Firewall;

/// <summary>Each section of <c>firewall.md</c> says in prose what a rule set is for and shows it; the text is compared with what the code builds.</summary>
public class FirewallDocumentTests
{
    [Theory]
    [InlineData("An empty default bridge")]
    [InlineData("Published ports")]
    [InlineData("An internal network beside it")]
    [InlineData("A host that did not route before")]
    [InlineData("Both versions")]
    [InlineData("Services")]
    [InlineData("Published ports that obey the host")]
    [InlineData("Gateway modes")]
    [InlineData("macvlan, ipvlan, host and none")]
    [InlineData("Names, inside a container")]
    public void The_document_shows_the_rule_set_as_it_is(string section)
    {
        var table = section switch
        {
            "An empty default bridge" => FirewallRules.Build("sampan0", [Bridge()], routingWasOff: false, []),
            "Published ports" => FirewallRules.Build("sampan0", [Bridge()], routingWasOff: false,
            [
                FirewallRules.Publish(Port(8080), IPAddress.Parse("172.17.0.2")),
                FirewallRules.Publish(Port(5353) with { Protocol = PortProtocol.Udp, ContainerPort = 53, HostAddress = IPAddress.Loopback }, IPAddress.Parse("172.17.0.3")),
            ]),
            "An internal network beside it" => FirewallRules.Build("sampan0", [Bridge(), Internal()], routingWasOff: false, []),
            "Both versions" => FirewallRules.Build("sampan0", [Both()], routingWasOff: false,
            [
                FirewallRules.Publish(Port(8080), IPAddress.Parse("172.18.0.2")),
                FirewallRules.Publish(Port(8080) with { HostAddress = IPAddress.IPv6Any }, IPAddress.Parse("fd12:3456:789a:1::2")),
                FirewallRules.Publish(Port(5432) with { HostAddress = IPAddress.IPv6Loopback }, IPAddress.Parse("fd12:3456:789a:1::3")),
            ]),
            "Services" => FirewallRules.Build("sampan0", [Both()], routingWasOff: false,
            [
                ServiceRules.Address(IPAddress.Parse("172.18.255.254")),
                ServiceRules.Address(IPAddress.Parse("fd12:3456:789a:1:ffff:ffff:ffff:ffff")),
                .. Some(ServiceRules.Lead(IPAddress.Parse("172.18.255.254"), [IPAddress.Parse("172.18.0.2"), IPAddress.Parse("172.18.0.3")])),
                .. Some(ServiceRules.Lead(IPAddress.Parse("fd12:3456:789a:1:ffff:ffff:ffff:ffff"), [IPAddress.Parse("fd12:3456:789a:1::2")])),
                .. Some(ServiceRules.Publish(Port(8080), [(IPAddress.Parse("172.18.0.2"), 80), (IPAddress.Parse("172.18.0.3"), 80)])),
                .. Some(ServiceRules.Publish(Port(8443) with { HostAddress = IPAddress.IPv6Loopback }, [(IPAddress.Parse("fd12:3456:789a:1::2"), 443)])),
            ], services: true),
            "Published ports that obey the host" => FirewallRules.Build("sampan0", [Bridge() with { ObeysHost = true }], routingWasOff: false,
            [
                FirewallRules.Publish(Port(8080), IPAddress.Parse("172.17.0.2")),
                HostPolicyRules.Ask(Port(8080)),
                FirewallRules.Publish(Port(8443) with { HostAddress = IPAddress.Parse("192.0.2.1") }, IPAddress.Parse("172.17.0.2")),
                HostPolicyRules.Ask(Port(8443) with { HostAddress = IPAddress.Parse("192.0.2.1") }),
            ]),
            "Gateway modes" => FirewallRules.Build("sampan0",
            [
                Bridge() with { Trusted = ["lan0"], Source = IPAddress.Parse("192.0.2.7") },
                Both() with { Mode = GatewayMode.NatUnprotected, Mode6 = GatewayMode.Routed },
            ],
            routingWasOff: false,
            [
                FirewallRules.Publish(Port(8080), IPAddress.Parse("172.17.0.2")),
                FirewallRules.Open(Port(8080), IPAddress.Parse("172.17.0.2")),
                FirewallRules.Open(Port(0), IPAddress.Parse("fd12:3456:789a:1::2")),
            ]),
            "macvlan, ipvlan, host and none" => FirewallRules.Build("sampan0", [], routingWasOff: false, []),
            "Names, inside a container" => NameRules.Build((40001, 40002)),
            _ => FirewallRules.Build("sampan0", [Bridge()], routingWasOff: true, []),
        };

        var text = table.ToString().TrimEnd();
        if (Environment.GetEnvironmentVariable("SAMPAN_UPDATE_GOLDENS") == "1")
            Rewrite(section, text);
        Documented(section).ShouldBe(text);
    }

    /// <summary>With SAMPAN_UPDATE_GOLDENS=1 the document is written anew, in the sources and here; read the difference before committing it.</summary>
    private static void Rewrite(string section, string text)
    {
        var (start, end) = Place(section);
        var document = File.ReadAllText(DocumentPath);
        document = document[..start] + text + "\n" + document[end..];
        File.WriteAllText(DocumentPath, document);
        File.WriteAllText(Path.Combine(SourceDirectory(), "firewall.md"), document);

        static string SourceDirectory([System.Runtime.CompilerServices.CallerFilePath] string source = "") => Path.GetDirectoryName(source) ?? "";
    }

    private static string DocumentPath => Path.Combine(AppContext.BaseDirectory, "Firewall", "firewall.md");

    private static string Documented(string section)
    {
        var (start, end) = Place(section);
        return File.ReadAllText(DocumentPath)[start..end].TrimEnd('\n');
    }

    private static (int Start, int End) Place(string section)
    {
        const string open = "```nft\n";
        var document = File.ReadAllText(DocumentPath);
        var heading = document.IndexOf($"## {section}\n", StringComparison.Ordinal);
        heading.ShouldBeGreaterThanOrEqualTo(0);
        var start = document.IndexOf(open, heading, StringComparison.Ordinal) + open.Length;
        return (start, document.IndexOf("```", start, StringComparison.Ordinal));
    }

    // All 240 slots would fill a page.
    private static IEnumerable<NftElement> Some(IEnumerable<NftElement> elements) => elements.Take(3);

    private static FirewallNetwork Bridge() => Network("sampan0", "172.17.0.1/16", isInternal: false);

    private static FirewallNetwork Both()
    {
        Subnet.TryParse("fd12:3456:789a:1::1/64", out var subnet, out _).ShouldBeTrue();
        return Network("br-0123456789ab", "172.18.0.1/16", isInternal: false) with { Subnet6 = subnet };
    }

    private static FirewallNetwork Internal() => Network("br-0123456789ab", "172.18.0.1/16", isInternal: true);

    private static FirewallNetwork Network(string name, string address, bool isInternal)
    {
        Subnet.TryParse(address, out var subnet, out _).ShouldBeTrue();
        return new FirewallNetwork(name, subnet, isInternal);
    }

    private static PortMapping Port(ushort port) => new() { Protocol = PortProtocol.Tcp, ContainerPort = 80, HostAddress = IPAddress.Any, HostPort = port };
}
