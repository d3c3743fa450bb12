using Sampan.Server.Gateway;

namespace Sampan.Server.Tests.Gateway;

public sealed class GatewayRoutesTests
{
    private static readonly GatewayRoutes s_routes = new(
    [
        Route("*", "", "any"), Route("shop.example.org", "", "shop"), Route("shop.example.org", "/api", "api"), Route("shop.example.org", "/api/v2", "api2"),
        Route("*.example.org", "", "below"), Route("*.deep.example.org", "/x", "deep"),
    ]);

    [Theory]
    [InlineData("shop.example.org", "/", "shop")]
    [InlineData("shop.example.org", "/apiary", "shop")]
    [InlineData("shop.example.org", "/api", "api")]
    [InlineData("shop.example.org", "/api/v1", "api")]
    [InlineData("shop.example.org", "/api/v2/x", "api2")]
    [InlineData("shop.example.org", "/API", "shop")]
    [InlineData("other.example.org", "/", "below")]
    [InlineData("a.deep.example.org", "/x/y", "deep")]
    [InlineData("a.deep.example.org", "/y", "below")]
    [InlineData("example.org", "/", "any")]
    [InlineData("127.0.0.1", "/api", "any")]
    public void The_closest_host_and_the_longest_path_win(string host, string path, string service) => s_routes.Find(host, path)?.Service.ShouldBe(service);

    [Fact]
    public void Nothing_leads_where_nobody_is()
    {
        GatewayRoutes.Empty.Find("shop.example.org", "/").ShouldBeNull();
        new GatewayRoutes([Route("shop.example.org", "/api", "api")]).Find("shop.example.org", "/").ShouldBeNull();
    }

    [Theory]
    [InlineData("host", "a b.example.org", 2)]
    [InlineData("host", "shop.example.org,*.example.com,*", 3)]
    public void Hosts_are_listed_with_commas_or_blanks(string key, string value, int count)
    {
        var problems = new List<string>();
        GatewayLabels.Read(new Dictionary<string, string> { ["sampan.gateway." + key] = value }, problems).ShouldHaveSingleItem().Hosts.Count.ShouldBe(count);
        problems.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("host", "")]
    [InlineData("host", "shop..org")]
    [InlineData("host", "shop.org:80")]
    [InlineData("path", "api")]
    [InlineData("path", "/a/../b")]
    [InlineData("path", "/a%2fb")]
    [InlineData("port", "0")]
    [InlineData("port", "http")]
    [InlineData("strip", "maybe")]
    [InlineData("health", "")]
    [InlineData("hosts", "shop.example.org")]
    public void Labels_that_make_no_sense_are_told_and_lead_nowhere(string key, string value)
    {
        var problems = new List<string>();
        GatewayLabels.Read(new Dictionary<string, string> { ["sampan.gateway." + key] = value, ["sampan.gateway.path"] = key == "path" ? value : "/ok" }, problems).ShouldBeEmpty();
        problems.ShouldHaveSingleItem().ShouldStartWith($"label sampan.gateway.{key}={value}: ");
    }

    [Fact]
    public void A_container_can_have_several_ways_to_it()
    {
        var rules = GatewayLabels.Read(new Dictionary<string, string> { ["sampan.gateway.1.host"] = "A.example.org", ["sampan.gateway.2.path"] = "/b/", ["sampan.gateway.2.port"] = "81", ["other"] = "x" }, []);
        rules.Select(r => $"{string.Join(',', r.Hosts)} {r.Path} {r.Port}").ShouldBe(["a.example.org  ", "* /b 81"]);
    }

    private static GatewayRoute Route(string host, string path, string service) => new(host, path, service, new GatewayRule(), []);
}
