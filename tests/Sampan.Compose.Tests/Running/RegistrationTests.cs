using Sampan.Compose.Running;
using Sampan.DockerApi.Containers;

namespace Sampan.Compose.Tests.Running;

public sealed class RegistrationTests
{
    [Theory]
    [InlineData("deploy: {replicas: 2}", "shop_web")]
    [InlineData("scale: 3", "shop_web")]
    [InlineData("deploy: {endpoint_mode: vip}", "shop_web")]
    [InlineData("deploy: {replicas: 2, endpoint_mode: dnsrr}", null)]
    [InlineData("deploy: {replicas: 1}", null)]
    [InlineData("network_mode: host, scale: 2", null)]
    [InlineData("labels: {sampan.service: other}", "other")]
    [InlineData("scale: 2, labels: {sampan.service: other}", "other")]
    public void Several_containers_share_an_address_unless_the_file_says_otherwise(string keys, string? service) =>
        Create(keys).Labels?.GetValueOrDefault("sampan.service").ShouldBe(service);

    [Fact]
    public void Aliases_of_those_who_share_are_the_services_alone()
    {
        Create("scale: 2").NetworkingConfig?.EndpointsConfig?["shop_default"]?.Aliases.ShouldBe(["web"]);
        Create("scale: 1").NetworkingConfig?.EndpointsConfig?["shop_default"]?.Aliases.ShouldBe(["shop-web-1", "web"]);
    }

    [Fact]
    public void A_route_becomes_labels_and_several_have_numbers()
    {
        Gateway("x-sampan-gateway: {host: [shop.example.org, www.example.org], path: /api, port: 8080, strip: true, health: /up}")
            .ShouldBe(["health=/up", "host=shop.example.org,www.example.org", "path=/api", "port=8080", "strip=true"]);
        Gateway("x-sampan-gateway: [{host: a.example.org}, {host: b.example.org, path: /b}]").ShouldBe(["1.host=a.example.org", "2.host=b.example.org", "2.path=/b"]);
        Gateway("x-sampan-gateway: {}").ShouldBe(["path=/"]);
        Gateway("x-sampan-gateway: {host: a.example.org}, labels: {sampan.gateway.host: own.example.org}").ShouldBe(["host=own.example.org"]);

        static IEnumerable<string> Gateway(string keys) => (Create(keys).Labels ?? new Dictionary<string, string>())
            .Where(l => l.Key.StartsWith("sampan.gateway.", StringComparison.Ordinal)).Select(l => $"{l.Key["sampan.gateway.".Length..]}={l.Value}").Order(StringComparer.Ordinal);
    }

    [Fact]
    public void What_is_run_once_registers_nowhere()
    {
        var labels = Create("scale: 2, labels: {sampan.gateway.path: /, other: kept}", new RequestContext { Hash = "h", HasManyEndpoints = true, Slug = "slug" }).Labels.ShouldNotBeNull();
        labels.Keys.Where(k => k.StartsWith("sampan.", StringComparison.Ordinal)).ShouldBeEmpty();
        labels["other"].ShouldBe("kept");
    }

    [Fact]
    public void How_it_registers_is_no_part_of_the_hash_and_yet_replaces_it()
    {
        var one = Load("scale: 1");
        var two = Load("scale: 2, x-sampan-gateway: {host: a.example.org}");
        ServiceHash.Of(two.Services["web"]).ShouldBe(ServiceHash.Of(one.Services["web"]));
        Registration.Mark(Registration.Of(one, one.Services["web"])).ShouldBeNull();
        var mark = Registration.Mark(Registration.Of(two, two.Services["web"])).ShouldNotBeNull();
        var summary = new ContainerSummary { Id = "1", Names = ["/shop-web-1"], State = "running", Labels = new Dictionary<string, string> { [Labels.Service] = "web", [Labels.Number] = "1", [Labels.ConfigHash] = "h" } };
        Plan(summary).ShouldBe("it registers in another way");
        Plan(summary with { Labels = new Dictionary<string, string>(summary.Labels ?? new Dictionary<string, string>()) { [Registration.MarkLabel] = mark } }).ShouldBe("");

        string Plan(ContainerSummary container) =>
            Planner.Plan(two.Services["web"], [new ProjectContainer(container)], new Desired("h", null, null, new Dictionary<string, string>()) { Registration = mark }, 1, RecreateMode.Changed, static _ => false)[0].Reason;
    }

    private static ContainerCreateRequest Create(string keys, RequestContext? context = null)
    {
        var project = Load(keys);
        return ContainerRequests.Create(project, project.Services["web"], 1, "shop-web-1", context ?? new RequestContext { Hash = "h", HasManyEndpoints = true });
    }

    private static Sampan.Compose.Model.Project Load(string keys) => Files.Load($"name: shop\nservices: {{web: {{image: x, {keys}}}}}");
}
