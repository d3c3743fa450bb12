using System.Net;
using System.Net.Sockets;
using Sampan.Network.Dns;
using Sampan.Network.Endpoints;

namespace Sampan.Network.Tests.Dns;

public class NameServerTests
{
    private const int Many = 2000;

    [Fact]
    public async Task A_name_server_answers_thousands_of_questions()
    {
        NamedNetwork app = new("n1", "app", [IPAddress.Parse("10.0.1.1")], IsInternal: false, HasNames: true);
        var web = new SandboxRecord { ContainerId = "aaaaaaaaaaaaaaaa", ContainerName = "web", Endpoints = [new EndpointRecord { EndpointId = "e", NetworkId = "n1", Address = "10.0.1.2" }] };
        var directory = new NameDirectory([web], [app]);
        var sockets = (new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp), new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        using var questions = new QuestionThread(_ => { });
        await using var server = new NameServer(web.ContainerId, sockets, () => directory, () => [], new Upstream(TimeProvider.System), questions);

        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        client.ReceiveTimeout = 30_000;
        client.Connect(NameServer.Address, server.Ports.Datagrams);
        var question = DnsMessageTests.Question("web", 1);
        var answer = new byte[512];
        for (var i = 0; i < Many; i++)
        {
            client.Send(question);
            var count = client.Receive(answer);
            new IPAddress(answer.AsSpan(count - 4, 4)).ShouldBe(IPAddress.Parse("10.0.1.2"));
        }
    }
}
