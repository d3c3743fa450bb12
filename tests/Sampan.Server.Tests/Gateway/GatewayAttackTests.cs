using System.Net;
using System.Net.Sockets;

namespace Sampan.Server.Tests.Gateway;

/// <summary>What attackers send to proxies, and services that are not to be trusted either.</summary>
public sealed class GatewayAttackTests : IAsyncLifetime
{
    private const string Plain = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
    private RawService _service = null!;
    private ServedGateway _gateway = null!;
    private string _answer = Plain;

    public async ValueTask InitializeAsync()
    {
        _service = new RawService((_, stream) => RawService.WriteAsync(stream, _answer));
        _gateway = await ServedGateway.StartAsync(o => o with { MaxBody = 1000 });
        await _gateway.AddAsync("web", _service, ("host", "x"), ("path", "/"));
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _service.DisposeAsync();
    }

    [Theory]
    [InlineData("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")]
    [InlineData("Content-Length: 3\r\nContent-Length: 5\r\n")]
    [InlineData("Content-Length: 3, 5\r\n")]
    [InlineData("Content-Length: -1\r\n")]
    [InlineData("Transfer-Encoding: chunked, identity\r\n")]
    [InlineData("Transfer-Encoding: xchunked\r\n")]
    [InlineData("Transfer-Encoding : chunked\r\n")]
    [InlineData("X: a\rTransfer-Encoding: chunked\r\n")]
    [InlineData("X: a\r\n Transfer-Encoding: chunked\r\n")]
    [InlineData("X\0: a\r\n")]
    [InlineData("Host: y\r\n")]
    public async Task Heads_that_others_may_read_otherwise_reach_no_service(string header)
    {
        var answer = await _gateway.SendRawAsync($"POST / HTTP/1.1\r\nHost: x\r\n{header}\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n");
        answer.ShouldStartWith("HTTP/1.1 400");
        answer.Split("HTTP/1.1 ").Length.ShouldBe(2);
        _service.Heads.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_body_ends_for_the_service_where_it_ends_for_the_gateway()
    {
        var smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
        await _gateway.SendRawAsync($"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {smuggled.Length}\r\n\r\n{smuggled}");
        _service.Heads.ShouldHaveSingleItem().ShouldContain($"Content-Length: {smuggled.Length}\r\n");
    }

    [Theory]
    [InlineData("GET http://y/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: x@y\r\nConnection: close\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: x/../y\r\nConnection: close\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: y\r\nX-Forwarded-Host: x\r\nX-Host: x\r\nConnection: close\r\n\r\n", "404")]
    [InlineData("CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\nConnection: close\r\n\r\n", "405")]
    [InlineData("TRACE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "405")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "400")]
    [InlineData("GET /a/..%2f..%2fetc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "400")]
    [InlineData("GET /a/..%5cetc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "400")]
    [InlineData("GET /a%00b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "400")]
    public async Task Another_host_or_path_than_it_seems_is_refused(string request, string status)
    {
        (await _gateway.SendRawAsync(request)).ShouldStartWith($"HTTP/1.1 {status}");
        _service.Heads.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/a/../b", "/b")]
    [InlineData("/a/%2e%2e/b", "/b")]
    [InlineData("/%61/b%20c", "/a/b%20c")]
    [InlineData("/a%2Fb", "/a%2Fb")]
    public async Task The_service_sees_the_path_by_which_it_was_found(string sent, string seen)
    {
        var answer = await _gateway.GetAsync("x", sent);
        _service.Heads.ShouldHaveSingleItem(answer).ShouldStartWith($"GET {seen} HTTP/1.1\r\n");
    }

    [Fact]
    public async Task What_a_client_says_about_itself_does_not_count_and_what_is_between_neighbours_ends_here()
    {
        await _gateway.SendRawAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: 6.6.6.6\r\nX_Forwarded_For: 6.6.6.7\r\nForwarded: for=6.6.6.8\r\nX-Real-IP: 6.6.6.9\r\nProxy: evil\r\nProxy-Authorization: p\r\nTE: trailers\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nKeep-Alive: 5\r\nExpect: 100-continue\r\nX-Kept: yes\r\n\r\n");
        var head = _service.Heads.ShouldHaveSingleItem();
        head.ShouldContain("X-Kept: yes\r\n");
        head.ShouldContain("X-Forwarded-For: 127.0.0.1\r\n");
        foreach (var gone in new[] { "6.6.6", "evil", "Proxy-Authorization", "TE:", "Upgrade", "h2c", "HTTP2-Settings", "Keep-Alive", "Expect" })
            head.ShouldNotContain(gone);
    }

    [Fact]
    public async Task A_head_that_never_ends_is_given_up()
    {
        await using var impatient = await ServedGateway.StartAsync(o => o with { HeadPatience = TimeSpan.FromSeconds(1) });
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, impatient.Port);
        await using var stream = client.GetStream();
        await RawService.WriteAsync(stream, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
        (await RawService.ReadUntilAsync(stream, "\r\n")).ShouldStartWith("HTTP/1.1 408");
    }

    [Fact]
    public async Task Heads_and_bodies_have_limits()
    {
        (await _gateway.GetAsync("x", "/" + new string('a', 9000))).ShouldStartWith("HTTP/1.1 414");
        (await _gateway.GetAsync("x", "/", $"X: {new string('a', 40_000)}\r\n")).ShouldStartWith("HTTP/1.1 431");
        (await _gateway.GetAsync("x", "/", string.Concat(Enumerable.Range(0, 200).Select(i => $"X{i}: a\r\n")))).ShouldStartWith("HTTP/1.1 431");
        (await _gateway.SendRawAsync($"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2000\r\n\r\n{new string('a', 2000)}")).ShouldStartWith("HTTP/1.1 413");
        (await _gateway.BodyAsync("x", "/")).ShouldBe("ok");
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\nok")]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n")]
    [InlineData("no http at all\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")]
    public async Task An_answer_that_makes_no_sense_is_a_bad_gateway(string answer)
    {
        _answer = answer;
        (await _gateway.GetAsync("x", "/", method: "POST", more: "Content-Length: 0\r\n")).ShouldStartWith("HTTP/1.1 502");
        _answer = Plain;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!(await _gateway.GetAsync("x", "/")).StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
            await Task.Delay(20, patience.Token);
    }

    [Fact]
    public async Task A_line_of_the_log_holds_what_a_client_sends()
    {
        await _gateway.SendRawAsync("GET /a\"b HTTP/1.1\r\nHost: x\r\nUser-Agent: \"evil\" \\ \u00e9\u001b[31m\r\nReferer: r\r\nConnection: close\r\n\r\n");
        await _gateway.GetAsync("x", "/", "User-Agent: \"evil\" \\\r\n");
        var line = _gateway.Lines[^1];
        line.ShouldContain("\"GET / HTTP/1.1\" 200");
        line.ShouldContain("\"\\\"evil\\\" \\\\\"");
        _gateway.Lines.ShouldAllBe(l => l.All(c => c >= ' ' && c <= '~'));
    }
}
