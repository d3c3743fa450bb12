using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Containers.Files;

namespace Sampan.Engine.Tests.Containers;

public sealed class ContainerFilesTests
{
    private static readonly EndpointSnapshot Endpoint = new() { NetworkName = "bridge", Address = "172.17.0.2", Gateway = "172.17.0.1" };

    [Fact]
    public void Hosts_names_the_container_and_the_users_lines() =>
        ContainerFiles.Hosts([Endpoint], "web", "example.org", ["db:10.0.0.5", "host.docker.internal:host-gateway"], "172.17.0.1").ShouldBe(
            "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\nff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n"
            + "10.0.0.5\tdb\n172.17.0.1\thost.docker.internal\n172.17.0.2\tweb.example.org web\n");

    [Theory]
    [InlineData("web", null, "web")]
    [InlineData("web", "example.org", "web.example.org web")]
    [InlineData("web.example.org", null, "web.example.org web")]
    [InlineData("web.example", "org", "web.example.org web")]
    public void A_container_knows_itself_by_its_whole_name_and_by_the_first_part(string hostname, string? domainname, string names) =>
        ContainerFiles.Hosts([Endpoint], hostname, domainname, [], null).ShouldEndWith($"172.17.0.2\t{names}\n");

    [Fact]
    public void Host_gateway_without_a_network_is_refused() =>
        Should.Throw<EngineException>(() => ContainerFiles.Hosts([], "web", null, ["x:host-gateway"], null)).Kind.ShouldBe(ErrorKind.InvalidArgument);

    [Fact]
    public void Resolver_takes_the_hosts_servers_without_those_on_loopback() =>
        ContainerFiles.Resolver("# c\nnameserver 127.0.0.53\nnameserver 9.9.9.9\nsearch a b\noptions ndots:2\n", new NetworkWish(), [], ownNetwork: true)
            .ShouldBe("nameserver 9.9.9.9\nsearch a b\noptions ndots:2\n");

    [Fact]
    public void Resolver_falls_back_when_only_loopback_servers_are_left() =>
        ContainerFiles.Resolver("nameserver 127.0.0.1\nnameserver ::1\n", new NetworkWish(), [], ownNetwork: true).ShouldBe("nameserver 8.8.8.8\nnameserver 8.8.4.4\n");

    [Fact]
    public void Resolver_in_the_hosts_network_is_the_hosts() =>
        ContainerFiles.Resolver("nameserver 127.0.0.1\n", new NetworkWish(), [], ownNetwork: false).ShouldBe("nameserver 127.0.0.1\n");

    [Fact]
    public void Resolver_heeds_the_user_first() =>
        ContainerFiles.Resolver("nameserver 9.9.9.9\nsearch a\n", new NetworkWish { Dns = ["1.1.1.1"], DnsSearch = ["."], DnsOptions = ["rotate"] }, ["8.8.8.8"], ownNetwork: true)
            .ShouldBe("nameserver 1.1.1.1\noptions rotate\n");
}
