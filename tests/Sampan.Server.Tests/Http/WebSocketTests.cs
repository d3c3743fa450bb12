using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Sampan.Server.Http;

namespace Sampan.Server.Tests.Http;

public sealed class WebSocketTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("/v1.27/talk", WebSocketMessageType.Text)]
    [InlineData("/v1.28/talk", WebSocketMessageType.Binary)]
    public async Task Messages_go_both_ways_without_frames_and_in_the_kind_of_the_version(string path, WebSocketMessageType kind)
    {
        // Two of Docker's frames, cut at odd places: an echo of what came, and a second stream's word.
        var routes = new RouteTable().Map("GET", "/talk", x => x.WebSocketAsync(framed: true, async (input, output, gone) =>
        {
            var buffer = new byte[100];
            var count = await input.ReadAsync(buffer, gone);
            byte[] all = [1, 0, 0, 0, 0, 0, 0, (byte)count, .. buffer[..count], 2, 0, 0, 0, 0, 0, 0, 3, .. "err"u8];
            await output.WriteAsync(all.AsMemory(0, 3), gone);
            await output.WriteAsync(all.AsMemory(3, 7), gone);
            await output.WriteAsync(all.AsMemory(10), gone);
        }));
        await using var served = await ServedRoutes.StartAsync(routes);
        using var end = new CancellationTokenSource(Patience);
        using var socket = await ConnectAsync(served, path, end.Token);

        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Binary, true, end.Token);

        (await ReceiveAllAsync(socket, kind, end.Token)).ShouldBe("helloerr");
        socket.CloseStatus.ShouldBe(WebSocketCloseStatus.NormalClosure);
    }

    [Fact]
    public async Task Reader_that_gives_up_does_not_break_the_connection()
    {
        var routes = new RouteTable().Map("GET", "/talk", x => x.WebSocketAsync(framed: false, async (input, output, _) =>
        {
            using var enough = new CancellationTokenSource();
            var reading = input.ReadAsync(new byte[10], enough.Token).AsTask();
            await enough.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => reading);
            await output.WriteAsync("all"u8.ToArray());
        }));
        await using var served = await ServedRoutes.StartAsync(routes);
        using var end = new CancellationTokenSource(Patience);
        using var socket = await ConnectAsync(served, "/talk", end.Token);

        (await ReceiveAllAsync(socket, WebSocketMessageType.Binary, end.Token)).ShouldBe("all");
        socket.CloseStatus.ShouldBe(WebSocketCloseStatus.NormalClosure);
    }

    [Fact]
    public async Task Closing_client_cancels_what_it_listened_to()
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var routes = new RouteTable().Map("GET", "/talk", x => x.WebSocketAsync(framed: false, async (input, _, gone) =>
        {
            using var seen = gone.Register(() => told.TrySetResult());
            await input.CopyToAsync(Stream.Null, CancellationToken.None);
        }));
        await using var served = await ServedRoutes.StartAsync(routes);
        using var end = new CancellationTokenSource(Patience);
        using var socket = await ConnectAsync(served, "/talk", end.Token);

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, end.Token);

        await told.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task Client_that_does_not_read_is_hung_up_on()
    {
        // What it does not read stands before the word that the talk is over.
        var routes = new RouteTable().Map("GET", "/talk", x => x.WebSocketAsync(framed: false, (_, output, _) =>
        {
            _ = output.WriteAsync(new byte[8 << 20]).AsTask().ContinueWith(static broken => _ = broken.Exception, TaskScheduler.Default);
            return Task.CompletedTask;
        }));
        await using var served = await ServedRoutes.StartAsync(routes);
        using var end = new CancellationTokenSource(Patience);
        using var socket = await served.ConnectAsync(end.Token);
        await socket.SendAsync(Opening("/talk"), end.Token);

        await Should.ThrowAsync<SocketException>(async () =>
        {
            // To send nothing is enough to be told.
            while (true)
            {
                await socket.SendAsync(ReadOnlyMemory<byte>.Empty, end.Token);
                await Task.Delay(20, end.Token);
            }
        });
    }

    [Fact]
    public async Task Client_that_still_talks_at_the_end_hears_all_and_is_not_reset()
    {
        var routes = new RouteTable().Map("GET", "/talk", x => x.WebSocketAsync(framed: false, (_, output, _) => output.WriteAsync("all"u8.ToArray()).AsTask()));
        await using var served = await ServedRoutes.StartAsync(routes);
        using var end = new CancellationTokenSource(Patience);
        using var socket = await ConnectAsync(served, "/talk", end.Token);

        for (var i = 0; i < 1000; i++)
            await socket.SendAsync(new byte[1000], WebSocketMessageType.Binary, true, end.Token);

        (await ReceiveAllAsync(socket, WebSocketMessageType.Binary, end.Token)).ShouldBe("all");
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, end.Token);
    }

    [Theory]
    [InlineData("GET /talk HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "not websocket protocol")]
    [InlineData("GET /talk HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n\r\n", "version '8' is not supported")]
    [InlineData("GET /talk HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eHg=\r\n\r\n", "'Sec-WebSocket-Key' must be 16 bytes")]
    public async Task What_is_no_handshake_is_refused(string request, string why)
    {
        await using var served = await ServedRoutes.StartAsync(new RouteTable().Map("GET", "/talk", x => x.WebSocketAsync(false, (_, _, _) => Task.CompletedTask)));

        var answer = await served.TalkAsync(request);

        answer.ShouldStartWith("HTTP/1.1 400 ");
        answer.ShouldContain(why);
    }

    private static byte[] Opening(string path) =>
        Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");

    private static async Task<WebSocket> ConnectAsync(ServedRoutes served, string path, CancellationToken ct)
    {
        // The example of RFC 6455, section 1.3.
        var stream = new NetworkStream(await served.ConnectAsync(ct), ownsSocket: true);
        await stream.WriteAsync(Opening(path), ct);
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            (await stream.ReadAsync(one, ct)).ShouldBe(1, head.ToString());
            head.Append((char)one[0]);
        }

        head.ToString().ShouldStartWith("HTTP/1.1 101 Switching Protocols\r\n");
        head.ToString().ShouldContain("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
        return WebSocket.CreateFromStream(stream, isServer: false, subProtocol: null, TimeSpan.Zero);
    }

    private static async Task<string> ReceiveAllAsync(WebSocket socket, WebSocketMessageType kind, CancellationToken ct)
    {
        var text = new StringBuilder();
        var buffer = new byte[100];
        while (true)
        {
            var message = await socket.ReceiveAsync(buffer.AsMemory(), ct);
            if (message.MessageType == WebSocketMessageType.Close)
                return text.ToString();
            message.MessageType.ShouldBe(kind);
            text.Append(Encoding.UTF8.GetString(buffer, 0, message.Count));
        }
    }
}
