using System.Net.Sockets;
using System.Text;
using Sampan.Server.Http;

namespace Sampan.Server.Tests.Http;

public sealed class HijackTests
{
    [Fact]
    public async Task Hijack_answers_101_and_echoes_until_the_client_closes_its_sending_half()
    {
        await using var served = await ServedRoutes.StartAsync(Echo(raw: true));

        var answer = await served.TalkAsync("POST /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n", "hello\n", halfClose: true);

        answer.ShouldStartWith("HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n");
        answer.ShouldEndWith("\r\n\r\nhello\nbye\n");
    }

    [Fact]
    public async Task Hijacked_connection_that_ends_in_order_is_nothing_to_log()
    {
        var served = await ServedRoutes.StartAsync(Echo(raw: true));
        await using (served)
            await served.TalkAsync("POST /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n", "hello\n", halfClose: true);

        served.Log.Said.ShouldBeEmpty();
    }

    [Fact]
    public async Task Hijack_without_upgrade_answers_200()
    {
        await using var served = await ServedRoutes.StartAsync(Echo(raw: true));

        var answer = await served.TalkAsync("POST /echo HTTP/1.1\r\nHost: x\r\n\r\n", "x", halfClose: true);

        answer.ShouldStartWith("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n");
        answer.ShouldEndWith("\r\n\r\nxbye\n");
    }

    [Theory]
    [InlineData("/v1.41/echo", "application/vnd.docker.raw-stream")]
    [InlineData("/v1.42/echo", "application/vnd.docker.multiplexed-stream")]
    [InlineData("/echo", "application/vnd.docker.multiplexed-stream")]
    public async Task Framed_streams_are_named_from_1_42_on(string path, string mediaType)
    {
        await using var served = await ServedRoutes.StartAsync(Echo(raw: false));

        var answer = await served.TalkAsync($"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n", halfClose: true);

        answer.ShouldContain($"Content-Type: {mediaType}\r\n");
    }

    [Fact]
    public async Task Hijack_leaves_the_requests_body_out_of_the_stream()
    {
        await using var served = await ServedRoutes.StartAsync(Echo(raw: true));

        var answer = await served.TalkAsync("POST /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}early ", "late", halfClose: true);

        answer.ShouldEndWith("\r\n\r\nearly latebye\n");
    }

    [Fact]
    public async Task Hijack_delivers_all_output_that_was_written_before_the_end()
    {
        var chunk = new string('y', 1 << 20);
        var routes = new RouteTable().Map("POST", "/flood", x => x.HijackAsync(true, async (_, output) =>
        {
            for (var i = 0; i < 8; i++)
                await output.WriteAsync(Encoding.ASCII.GetBytes(chunk));
        }));
        await using var served = await ServedRoutes.StartAsync(routes);

        for (var run = 0; run < 5; run++)
        {
            var answer = await served.TalkAsync("POST /flood HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
            answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..].Length.ShouldBe(8 << 20);
        }
    }

    /// <summary><c>yes | docker run -i busybox true</c>: what nobody wants to read is no reason for a reset.</summary>
    [Fact]
    public async Task Client_that_still_sends_at_the_end_gets_all_and_is_not_reset()
    {
        var routes = new RouteTable().Map("POST", "/deaf", x => x.HijackAsync(true, (_, output) => output.WriteAsync(new byte[8 << 20]).AsTask()));
        await using var served = await ServedRoutes.StartAsync(routes);
        var socket = await served.ConnectAsync();

        await StillSending.GetsAllAsync(new NetworkStream(socket, ownsSocket: true), "/deaf", 8 << 20);
    }

    /// <summary><c>yes | docker run -i -a stdin busybox true</c>, with a client that listens to nothing; or one that forgot its connection.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Client_that_does_not_close_is_hung_up_on(bool sends)
    {
        await using var served = await ServedRoutes.StartAsync(new RouteTable().Map("POST", "/over", x => x.HijackAsync(true, (_, _) => Task.CompletedTask)));
        using var socket = await served.ConnectAsync();
        await socket.SendAsync("POST /over HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"u8.ToArray());

        await Should.ThrowAsync<SocketException>(() => SendAsync().WaitAsync(TimeSpan.FromSeconds(60)));

        // To send nothing is enough to be told.
        async Task SendAsync()
        {
            while (true)
            {
                await socket.SendAsync(new byte[sends ? 4096 : 0]);
                await Task.Delay(20);
            }
        }
    }

    [Fact]
    public async Task Whether_a_client_has_gone_that_does_not_read_is_asked_without_waiting_for_it()
    {
        var asked = new TaskCompletionSource();
        var routes = new RouteTable().Map("POST", "/stuck", x => x.HijackAsync(true, async (_, output) =>
        {
            using var end = new CancellationTokenSource();
            var writing = output.WriteAsync(new byte[8 << 20], end.Token).AsTask();
            var gone = x.GoneAsync(end.Token);
            // It looks every two seconds, and has the output before it then.
            await Task.Delay(TimeSpan.FromSeconds(5));
            writing.IsCompleted.ShouldBeFalse();
            await end.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => gone);
            asked.SetResult();
        }));
        await using var served = await ServedRoutes.StartAsync(routes);
        using var socket = await served.ConnectAsync();
        await socket.SendAsync("POST /stuck HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"u8.ToArray());

        await asked.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Pump_fails_when_the_client_has_gone()
    {
        var failed = new TaskCompletionSource<Exception>();
        var routes = new RouteTable().Map("POST", "/drip", x => x.HijackAsync(true, async (_, output) =>
        {
            try
            {
                while (true)
                    await output.WriteAsync(new byte[4096]);
            }
            catch (Exception e)
            {
                failed.SetResult(e);
                throw;
            }
        }));
        await using var served = await ServedRoutes.StartAsync(routes);
        using (var socket = await served.ConnectAsync())
        {
            await socket.SendAsync("POST /drip HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"u8.ToArray());
            await socket.ReceiveAsync(new byte[100]);
        }

        (await failed.Task.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeOfType<IOException>();
    }

    private static RouteTable Echo(bool raw) => new RouteTable().Map("POST", "/echo", async x => await x.HijackAsync(raw, async (input, output) =>
    {
        await input.CopyToAsync(output);
        await output.WriteAsync("bye\n"u8.ToArray());
    }));
}
