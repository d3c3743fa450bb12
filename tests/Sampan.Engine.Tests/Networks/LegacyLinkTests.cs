using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Wishes;
using EnginePort = Sampan.Engine.Containers.Endpoints.PortProtocol;

namespace Sampan.Engine.Tests.Networks;

public class LegacyLinkTests
{
    [Theory]
    [InlineData("db", "db", "db")]
    [InlineData("db:database", "db", "database")]
    [InlineData("/db:/web/database", "db", "database")]
    [InlineData("db:", "db", "db")]
    public void Links_are_read_as_they_are_said_and_as_they_are_shown(string text, string container, string alias) =>
        LinkName.Parse(text).ShouldBe(new LinkName(container, alias));

    [Fact]
    public void Variables_and_lines_are_dockers()
    {
        var db = new ContainerSnapshot
        {
            Id = new string('a', 64),
            Name = "db",
            Created = DateTimeOffset.UnixEpoch,
            ImageId = "sha256:" + new string('a', 64),
            Spec = new ContainerSpec { Image = "busybox", Env = ["PATH=/bin", "HOME=/root", "PASSWORD=x=y"], ExposedPorts = [new(5432, EnginePort.Tcp), new(53, EnginePort.Udp)] },
            State = new ContainerState.Running(1, DateTimeOffset.UnixEpoch),
            Directory = "/nonexistent",
            Endpoints = [new EndpointSnapshot { NetworkName = "bridge", Address = "172.17.0.2" }],
        };
        IReadOnlyList<(string, ContainerSnapshot)> links = [("my-db", db)];

        LegacyLinks.HostsLines(links).ShouldBe(["172.17.0.2\tmy-db aaaaaaaaaaaa db"]);
        LegacyLinks.Variables("web", links).ShouldBe(
        [
            "MY_DB_NAME=/web/my-db",
            "MY_DB_PORT=udp://172.17.0.2:53",
            "MY_DB_PORT_53_UDP=udp://172.17.0.2:53",
            "MY_DB_PORT_53_UDP_ADDR=172.17.0.2",
            "MY_DB_PORT_53_UDP_PORT=53",
            "MY_DB_PORT_53_UDP_PROTO=udp",
            "MY_DB_PORT_5432_TCP=tcp://172.17.0.2:5432",
            "MY_DB_PORT_5432_TCP_ADDR=172.17.0.2",
            "MY_DB_PORT_5432_TCP_PORT=5432",
            "MY_DB_PORT_5432_TCP_PROTO=tcp",
            "MY_DB_ENV_PASSWORD=x=y",
        ]);
    }
}
