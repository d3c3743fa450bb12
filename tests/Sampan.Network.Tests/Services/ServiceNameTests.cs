using System.Net;
using Sampan.Network.Dns;
using Sampan.Network.Endpoints;
using Sampan.Network.Firewall;
using Sampan.Network.Services;

namespace Sampan.Network.Tests.Services;

public class ServiceNameTests
{
    private static readonly NamedNetwork s_app = new("n1", "app", [IPAddress.Parse("10.0.1.1")], IsInternal: false, HasNames: true)
    {
        Services = [new VirtualService { Name = "shop_web", Address = "10.0.1.254", Names = ["web"] }, new VirtualService { Name = "idle", Address = "10.0.1.253" }],
    };

    private readonly NameDirectory _directory = new([Container("aaaaaaaaaaaaaaaa", "shop-web-1", "10.0.1.2", "shop_web"), Container("bbbbbbbbbbbbbbbb", "shop-web-2", "10.0.1.3", "shop_web"), Container("cccccccccccccccc", "client", "10.0.1.4", null)], [s_app]);

    [Theory]
    [InlineData("web", "10.0.1.254")]
    [InlineData("shop_web", "10.0.1.254")]
    [InlineData("web.app", "10.0.1.254")]
    [InlineData("tasks.web", "10.0.1.2 10.0.1.3")]
    [InlineData("tasks.shop_web", "10.0.1.2 10.0.1.3")]
    [InlineData("shop-web-2", "10.0.1.3")]
    [InlineData("idle", "10.0.1.253")]
    [InlineData("client", "10.0.1.4")]
    [InlineData("tasks.client", "")]
    public void A_services_names_mean_its_virtual_address_and_tasks_its_containers(string name, string addresses) =>
        string.Join(' ', _directory.Find("cccccccccccccccc", name) ?? []).ShouldBe(addresses);

    [Theory]
    [InlineData("10.0.1.254", "shop_web.app")]
    [InlineData("10.0.1.2", "shop-web-1.app")]
    public void Addresses_have_the_names_of_who_owns_them(string address, string name) =>
        _directory.FindName("cccccccccccccccc", IPAddress.Parse(address)).ShouldBe(name);

    [Fact]
    public void Those_who_are_ready_fill_all_slots_evenly()
    {
        IPAddress[] ready = [.. Enumerable.Range(2, 5).Select(i => IPAddress.Parse($"10.0.1.{i}"))];
        var elements = ServiceRules.Lead(IPAddress.Parse("10.0.1.254"), ready).ToList();
        elements.Select(e => e.Key[1].Text).Distinct().Count().ShouldBe(240);
        elements.GroupBy(e => e.Value[0].Text).Select(g => g.Count()).ShouldBe([48, 48, 48, 48, 48]);
        ServiceRules.Lead(IPAddress.Parse("10.0.1.254"), []).ShouldBeEmpty();
    }

    private static SandboxRecord Container(string id, string name, string address, string? service) => new()
    {
        ContainerId = id,
        ContainerName = name,
        Service = service,
        Endpoints = [new EndpointRecord { EndpointId = "e" + id, NetworkId = "n1", Address = address, Aliases = service is null ? [] : ["web", name] }],
    };
}
