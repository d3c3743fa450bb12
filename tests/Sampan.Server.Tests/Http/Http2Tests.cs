using Sampan.Server.Http;

namespace Sampan.Server.Tests.Http;

/// <summary>What HTTP/2 has been attacked by has no way in: nobody speaks it here. Connections that POST /grpc took over are another matter: GrpcServerTests.</summary>
public sealed class Http2Tests
{
    [Fact]
    public async Task CVE_2026_97032_a_connection_that_begins_with_HTTP_2_is_refused_and_no_request_of_it_is_seen()
    {
        var seen = 0;
        await using var served = await ServedRoutes.StartAsync(Counting(() => seen++));

        // The preface, and an empty frame of settings.
        var answer = await served.TalkAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0");

        // GOAWAY of stream 0 for the reason HTTP_1_1_REQUIRED (RFC 9113, sections 6.8 and 7), and the end.
        answer.ShouldBe("\0\0\u0008\u0007\0\0\0\0\0\0\0\0\0\0\0\0\u000d");
        seen.ShouldBe(0);
    }

    [Fact]
    public async Task CVE_2026_97032_an_upgrade_to_HTTP_2_is_passed_over()
    {
        var seen = 0;
        await using var served = await ServedRoutes.StartAsync(Counting(() => seen++));

        var answer = await served.TalkAsync("GET /seen HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n");

        answer.ShouldStartWith("HTTP/1.1 ");
        answer.ShouldNotContain("101");
        answer.ShouldNotContain("h2c");
        answer.ShouldEndWith("OK\n");
        seen.ShouldBe(1);
    }

    private static RouteTable Counting(Action seen) => new RouteTable().Map("GET", "/seen", exchange =>
    {
        seen();
        return exchange.WriteBytesAsync(200, "text/plain", "OK"u8.ToArray());
    });
}
