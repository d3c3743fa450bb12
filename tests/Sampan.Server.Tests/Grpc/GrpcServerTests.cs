using System.Buffers.Binary;
using System.Net.Sockets;
using Google.Protobuf;
using Sampan.BuildKit.Grpc;
using Sampan.BuildKit.Protos.Control;
using Sampan.Engine;
using Sampan.Server.Grpc;
using Sampan.Server.Http;
using Sampan.Server.Tests.Http;

namespace Sampan.Server.Tests.Grpc;

public sealed partial class GrpcServerTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Calls_have_answers_streams_and_statuses()
    {
        await using var served = await ServeAsync(Echoing());
        using var client = new UpgradedClient(served);

        var one = await client.CallAsync("/test/Echo", new StatusRequest { Ref = "a b" }, StatusRequest.Parser);
        one.Status.ShouldBe(0);
        one.Answers.Single().Ref.ShouldBe("a b");

        var many = await client.CallAsync("/test/Count", new StatusRequest { Ref = "3" }, StatusRequest.Parser);
        many.Status.ShouldBe(0);
        many.Answers.Select(answer => answer.Ref).ShouldBe(["0", "1", "2"]);

        var none = await client.CallAsync("/test/Absent", new StatusRequest(), StatusRequest.Parser);
        none.Status.ShouldBe((int)GrpcCode.Unimplemented);
        none.Message.ShouldBe("unknown method '/test/Absent'");

        var failed = await client.CallAsync("/test/Fail", new StatusRequest { Ref = "100 % Öl\n" }, StatusRequest.Parser);
        failed.Status.ShouldBe((int)GrpcCode.NotFound);
        failed.Message.ShouldBe("no such thing: 100 % Öl\n");
        failed.Answers.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_message_that_is_too_large_compressed_cut_off_or_none_is_refused_by_name()
    {
        await using var served = await ServeAsync(Echoing());
        using var client = new UpgradedClient(served);

        var large = new byte[5];
        BinaryPrimitives.WriteInt32BigEndian(large.AsSpan(1), GrpcCall.MaxMessage + 1);
        (await StatusOf(client, large)).ShouldBe(GrpcCode.ResourceExhausted);
        (await StatusOf(client, [1, 0, 0, 0, 0])).ShouldBe(GrpcCode.Unimplemented);
        (await StatusOf(client, [0, 0, 0, 0, 9, 1])).ShouldBe(GrpcCode.Internal);
        (await StatusOf(client, [])).ShouldBe(GrpcCode.InvalidArgument);
        (await StatusOf(client, [0, 0, 0, 0, 2, 0xff, 0xff])).ShouldBe(GrpcCode.Internal);
    }

    [Fact]
    public async Task A_client_that_closes_the_connection_cancels_its_calls()
    {
        var begun = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        await using var served = await ServeAsync(new GrpcMethods().MapStream("test", "Wait", StatusRequest.Parser, async (call, _) =>
        {
            using var end = call.Cancelled.Register(ended.SetResult);
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, call.Cancelled);
        }));
        using (var client = new UpgradedClient(served))
        {
            var asking = client.CallAsync("/test/Wait", new StatusRequest(), StatusRequest.Parser);
            await begun.Task.WaitAsync(s_patience);
            client.Break();
            await asking.ShouldThrowAsync<HttpRequestException>();
        }
        await ended.Task.WaitAsync(s_patience);
    }

    [Fact]
    public async Task Calls_that_wait_leave_room_for_those_that_they_wait_for()
    {
        const int waiting = 200;
        var all = new CountdownEvent(waiting);
        var released = new TaskCompletionSource();
        await using var served = await ServeAsync(Echoing().Map("test", "Wait", StatusRequest.Parser, async (_, question) =>
        {
            all.Signal();
            await released.Task;
            return question;
        }));
        using var client = new UpgradedClient(served);

        var calls = Enumerable.Range(0, waiting).Select(_ => client.CallAsync("/test/Wait", new StatusRequest(), StatusRequest.Parser)).ToList();
        (await client.CallAsync("/test/Echo", new StatusRequest { Ref = "beside them" }, StatusRequest.Parser).WaitAsync(s_patience)).Answers.Single().Ref.ShouldBe("beside them");
        all.Wait(s_patience, TestContext.Current.CancellationToken).ShouldBeTrue();
        released.SetResult();
        (await Task.WhenAll(calls)).ShouldAllBe(call => call.Status == 0);
    }

    [Fact]
    public async Task So_many_connections_are_served_and_the_next_when_one_has_ended()
    {
        await using var served = await ServeAsync(Echoing());
        var connections = new List<Socket>();
        try
        {
            for (var i = 0; i < GrpcServer.MaxConnections; i++)
                connections.Add(await UpgradedClient.UpgradeAsync(served));

            var refused = await served.TalkAsync("POST /grpc HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", halfClose: true);
            refused.ShouldStartWith("HTTP/1.1 503 ");
            refused.ShouldContain($"there are {GrpcServer.MaxConnections} connections");

            connections[0].Dispose();
            string again;
            do
            {
                again = await served.TalkAsync("POST /grpc HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", halfClose: true);
            }
            while (!again.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal));
        }
        finally
        {
            connections.ForEach(connection => connection.Dispose());
        }
    }

    [Fact]
    public async Task CVE_2023_44487_streams_that_are_opened_and_reset_at_once_end_the_connection_and_nothing_else()
    {
        await using var served = await ServeAsync(Echoing());
        using var attacker = await UpgradedClient.UpgradeAsync(served);
        var wire = new NetworkStream(attacker);
        await wire.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0"u8.ToArray());

        var refused = false;
        try
        {
            // ":method: POST" and ":path: /", "http", ":authority" empty; END_HEADERS, then RST_STREAM with CANCEL.
            for (var stream = 1; stream < 40_000 && !refused; stream += 2)
            {
                var frames = new byte[9 + 3 + 9 + 4];
                frames[2] = 3;
                frames[3] = 1;
                frames[4] = 4;
                BinaryPrimitives.WriteInt32BigEndian(frames.AsSpan(5), stream);
                frames[9] = 0x83;
                frames[10] = 0x84;
                frames[11] = 0x86;
                frames[14] = 4;
                frames[15] = 3;
                BinaryPrimitives.WriteInt32BigEndian(frames.AsSpan(17), stream);
                frames[24] = 8;
                await wire.WriteAsync(frames);
            }
        }
        catch (IOException)
        {
            refused = true;
        }
        if (!refused)
            await ReadToEndAsync(wire);

        using var client = new UpgradedClient(served);
        (await client.CallAsync("/test/Echo", new StatusRequest { Ref = "still here" }, StatusRequest.Parser)).Answers.Single().Ref.ShouldBe("still here");
    }

    [Fact]
    public async Task CVE_2024_27316_a_head_without_end_closes_the_connection()
    {
        await using var served = await ServeAsync(Echoing());
        using var attacker = await UpgradedClient.UpgradeAsync(served);
        var wire = new NetworkStream(attacker);
        await wire.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0"u8.ToArray());

        // HEADERS without END_HEADERS, then CONTINUATION upon CONTINUATION, each a header "a: bbb..." that is not indexed.
        byte[] field = [0, 1, (byte)'a', 127, 0x81, 0x06, .. Enumerable.Repeat((byte)'b', 1024 - 112)];
        await Should.ThrowAsync<IOException>(async () =>
        {
            await wire.WriteAsync(FrameOf(1, 0, [0x83, 0x84, 0x86]));
            for (var i = 0; i < 1_000_000; i++)
                await wire.WriteAsync(FrameOf(9, 0, field));
        });
    }

    [Theory]
    [InlineData("POST /grpc HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "no upgrade proto in request")]
    [InlineData("POST /grpc HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", "protocol websocket not supported")]
    public async Task What_asks_for_something_else_is_refused(string request, string why)
    {
        await using var served = await ServeAsync(Echoing());

        var answer = await served.TalkAsync(request, halfClose: true);

        answer.ShouldStartWith("HTTP/1.1 400 ");
        answer.ShouldContain(why);
    }

    private static GrpcMethods Echoing() => new GrpcMethods()
        .Map("test", "Echo", StatusRequest.Parser, (_, question) => Task.FromResult<IMessage>(question))
        .Map("test", "Fail", StatusRequest.Parser, (_, question) => throw new EngineException(ErrorKind.NotFound, $"no such thing: {question.Ref}"))
        .MapStream("test", "Count", StatusRequest.Parser, async (call, question) =>
        {
            for (var i = 0; i < int.Parse(question.Ref, System.Globalization.CultureInfo.InvariantCulture); i++)
                await call.WriteAsync(new StatusRequest { Ref = i.ToString(System.Globalization.CultureInfo.InvariantCulture) });
        });

    private static Task<ServedRoutes> ServeAsync(GrpcMethods methods) =>
        ServedRoutes.StartAsync(new RouteTable().Map("POST", "/grpc", new GrpcServer(methods, new TestLog(), CancellationToken.None).TakeOverAsync));

    private static async Task<GrpcCode> StatusOf(UpgradedClient client, byte[] body)
    {
        using var answer = await client.SendAsync("/test/Echo", body);
        await answer.Content.ReadAsByteArrayAsync();
        var status = answer.TrailingHeaders.TryGetValues("grpc-status", out var behind) ? behind : answer.Headers.GetValues("grpc-status");
        return (GrpcCode)int.Parse(status.Single(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static byte[] FrameOf(byte type, byte flags, byte[] payload, byte stream = 1) => [(byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, 0, 0, 0, stream, .. payload];

    private static async Task ReadToEndAsync(Stream wire)
    {
        using var patience = new CancellationTokenSource(s_patience);
        var buffer = new byte[4096];
        try
        {
            while (await wire.ReadAsync(buffer, patience.Token) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Reset is an end, too.
        }
    }
}
