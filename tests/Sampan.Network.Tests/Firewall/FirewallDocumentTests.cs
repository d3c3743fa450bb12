using System.Net;
using Sampan.Network.Addresses;
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
            _ => FirewallRules.Build("sampan0", [Bridge()], routingWasOff: true, []),
        };

        Documented(section).ShouldBe(table.ToString().TrimEnd());
    }

    private static string Documented(string section)
    {
        var document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Firewall", "firewall.md"));
        var start = document.IndexOf($"## {section}\n", StringComparison.Ordinal);
        start.ShouldBeGreaterThanOrEqualTo(0);
        var open = document.IndexOf("```nft\n", start, StringComparison.Ordinal) + "```nft\n".Length;
        return document[open..document.IndexOf("\n```", open, StringComparison.Ordinal)];
    }

    private static FirewallNetwork Bridge() => Network("sampan0", "172.17.0.1/16", isInternal: false);

    private static FirewallNetwork Internal() => Network("br-0123456789ab", "172.18.0.1/16", isInternal: true);

    private static FirewallNetwork Network(string name, string address, bool isInternal)
    {
        Subnet.TryParse(address, out var subnet, out _).ShouldBeTrue();
        return new FirewallNetwork(name, subnet, isInternal);
    }

    private static PortMapping Port(ushort port) => new() { Protocol = PortProtocol.Tcp, ContainerPort = 80, HostAddress = IPAddress.Any, HostPort = port };
}
