using System.Net;
using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Networks;
using Sampan.Network;
using EnginePort = Sampan.Engine.Containers.Endpoints.PortProtocol;

namespace Sampan.Engine.Tests.Networks;

public class ExposureTests
{
    private static readonly ContainerPort s_web = new(80, EnginePort.Tcp);

    [Fact]
    public void Published_ports_say_who_reaches_them_and_why()
    {
        var web = Running("web", new NetworkWish(), "bridge", [new(s_web, "0.0.0.0", 8080), new(s_web, "127.0.0.1", 8081), new(s_web, "192.0.2.1", 8082), new(s_web, "::", 8080)], [new PublishedPort { Port = s_web }]);

        var lines = ExposureReport.Of([web], [Net("bridge")]);

        lines.Select(l => $"{l.At}: {l.From}").ShouldBe(
        [
            "0.0.0.0:8080: whoever reaches this host by IPv4",
            "127.0.0.1:8081: this host only",
            "192.0.2.1:8082: whoever reaches this host at 192.0.2.1",
            "[::]:8080: whoever reaches this host by IPv6",
            "172.17.0.2: this host and containers of network 'bridge'",
        ]);
        lines[0].Why.ShouldBe("published as 0.0.0.0:8080->80/tcp");
        lines[4].Port.ShouldBe("all");
    }

    [Fact]
    public void Containers_without_published_ports_are_told_by_their_networks()
    {
        var silent = Running("silent", new NetworkWish { Mode = "quiet" }, "quiet", [], []);
        var inner = Running("inner", new NetworkWish { Mode = "inside" }, "inside", [], []);
        var host = Running("host", new NetworkWish { Mode = "host" }, null, [], []);
        var shared = Running("shared", new NetworkWish { Mode = "container:inner" }, null, [], []);
        var all = Running("all", new NetworkWish(), "bridge", [new(s_web, "0.0.0.0", 49153)], []);
        var stopped = silent with { Name = "stopped", State = new ContainerState.Created() };

        var lines = ExposureReport.Of(
            [silent, inner, host, shared, all, stopped],
            [Net("bridge"), Net("quiet") with { Options = new Dictionary<string, string> { ["com.docker.network.bridge.enable_icc"] = "false" } }, Net("inside") with { Internal = true }]);

        lines.Select(l => l.Container).Distinct().ShouldBe(["all", "host", "inner", "shared", "silent"]);
        lines.Single(l => l.Container == "silent").From.ShouldBe("this host only");
        lines.Single(l => l.Container == "inner").Why.ShouldContain("internal");
        lines.Single(l => l.Container == "host").From.ShouldContain("as its own firewall allows");
        lines.Single(l => l.Container == "shared").From.ShouldBe("see container inner");
        lines.First(l => l.Container == "all").Why.ShouldContain("(-P)");
    }

    private static NetworkRecord Net(string name) => new() { Id = name, Name = name, Driver = "bridge", Created = DateTimeOffset.UnixEpoch, Subnets = [new SubnetRecord { Subnet = "172.17.0.0/16", Gateway = IPAddress.Parse("172.17.0.1") }] };

    private static ContainerSnapshot Running(string name, NetworkWish network, string? on, IReadOnlyList<PortSnapshot> ports, IReadOnlyList<PublishedPort> wishes) => new()
    {
        Id = new string('a', 64),
        Name = name,
        Created = DateTimeOffset.UnixEpoch,
        ImageId = "sha256:" + new string('a', 64),
        Spec = new ContainerSpec { Image = "busybox", Network = network, PublishedPorts = wishes },
        State = new ContainerState.Running(1, DateTimeOffset.UnixEpoch),
        Directory = "/nonexistent",
        Endpoints = on is null ? [] : [new EndpointSnapshot { NetworkName = on, Address = "172.17.0.2", Ports = ports }],
    };
}
