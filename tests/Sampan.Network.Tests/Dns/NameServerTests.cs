using System.Net;
using System.Net.Sockets;
using Sampan.Engine.Tests.Doubles;
using Sampan.Network.Dns;
using Sampan.Network.Endpoints;

namespace Sampan.Network.Tests.Dns;

public class NameServerTests
{
    private const int Many = 2000;

    [Fact]
    public async Task A_name_server_answers_thousands_of_questions()
    {
        using var questions = new QuestionThread(_ => { });
        await using var server = Server(questions, Streams(), TimeProvider.System);

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

    [Fact]
    public async Task Who_cannot_take_a_connection_waits_before_trying_again_and_ends_when_asked_to()
    {
        using var questions = new QuestionThread(_ => { });
        var (time, streams) = (new ManualTime(), Streams());
        var server = Server(questions, streams, time);

        // As with no descriptors, each attempt to take a connection fails at once.
        streams.Shutdown(SocketShutdown.Both);

        await time.WaiterAsync(TimeSpan.FromMilliseconds(100));
        await server.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    private static Socket Streams() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    private static NameServer Server(QuestionThread questions, Socket streams, TimeProvider time)
    {
        NamedNetwork app = new("n1", "app", [IPAddress.Parse("10.0.1.1")], IsInternal: false, HasNames: true);
        var web = new SandboxRecord { ContainerId = "aaaaaaaaaaaaaaaa", ContainerName = "web", Endpoints = [new EndpointRecord { EndpointId = "e", NetworkId = "n1", Address = "10.0.1.2" }] };
        var directory = new NameDirectory([web], [app]);
        var sockets = NameServer.Listen(new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp), streams);
        return new NameServer(web.ContainerId, sockets, () => directory, () => [], new Upstream(time), questions, time);
    }
}
