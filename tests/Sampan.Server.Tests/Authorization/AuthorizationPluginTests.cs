using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Sampan.Engine;
using Sampan.Server.Authorization;
using Sampan.Server.Http;
using Sampan.Server.Tests.Http;

namespace Sampan.Server.Tests.Authorization;

public sealed class AuthorizationPluginTests
{
    [Fact]
    public async Task Plugin_sees_the_request_as_it_is_processed_and_the_answer_before_it_is_sent()
    {
        await using var plugin = await TestPlugin.StartAsync();
        await using var served = await ServeAsync(plugin.Line());
        using var client = served.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1.40/echo/a%20b?x=1");
        request.Headers.Add("X-Registry-Auth", "secret");
        request.Content = new StringContent("""{"Privileged":true}""", Encoding.UTF8, "application/json");

        using var answer = await client.SendAsync(request);

        (await answer.Content.ReadAsStringAsync()).ShouldBe("{\"Privileged\":true}\n");
        plugin.Seen.Select(s => (string?)s["act"]).ShouldBe(["request", "answer"]);
        plugin.Seen[0]["RequestMethod"]!.ToString().ShouldBe("POST");
        plugin.Seen[0]["RequestUri"]!.ToString().ShouldBe("/v1.40/echo/a%20b?x=1");
        Body(plugin.Seen[0], "RequestBody").ShouldBe("""{"Privileged":true}""");
        plugin.Seen[0]["RequestHeaders"]!["X-Registry-Auth"].ShouldBeNull();
        plugin.Seen[0]["RequestHeaders"]!["Content-Type"]!.ToString().ShouldBe("application/json; charset=utf-8");
        ((int?)plugin.Seen[1]["ResponseStatusCode"]).ShouldBe(200);
        Body(plugin.Seen[1], "ResponseBody").ShouldBe("""{"Privileged":true}""");
    }

    [Fact]
    public async Task Denied_request_is_403_in_dockers_words_and_nothing_is_done()
    {
        await using var plugin = await TestPlugin.StartAsync();
        plugin.Denies = message => (string?)message["act"] == "request" ? "not today" : null;
        var done = 0;
        await using var served = await ServedRoutes.StartAsync(new RouteTable().Map("POST", "/act", x => x.NoBody(++done)), new AuthorizationPlugins([plugin.Line()]));
        using var client = served.Client();

        using var answer = await client.PostAsync("/act", null);

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await answer.Content.ReadAsStringAsync()).ShouldBe("{\"message\":\"authorization denied by plugin guard: not today\"}\n");
        done.ShouldBe(0);
    }

    [Fact]
    public async Task Denied_answer_is_not_sent()
    {
        await using var plugin = await TestPlugin.StartAsync();
        plugin.Denies = message => (string?)message["act"] == "answer" ? "secret" : null;
        await using var served = await ServeAsync(plugin.Line());
        using var client = served.Client();

        using var answer = await client.PostAsync("/echo/a", new StringContent("{\"a\":1}", Encoding.UTF8, "application/json"));

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await answer.Content.ReadAsStringAsync()).ShouldBe("{\"message\":\"authorization denied by plugin guard: secret\"}\n");
    }

    [Fact]
    public async Task All_plugins_must_allow_and_the_first_that_denies_decides()
    {
        await using var first = await TestPlugin.StartAsync();
        await using var second = await TestPlugin.StartAsync();
        second.Denies = _ => "no";
        await using var served = await ServeAsync(first.Line("first"), second.Line("second"));
        using var client = served.Client();

        using var answer = await client.PostAsync("/echo/a", null);

        (await answer.Content.ReadAsStringAsync()).ShouldContain("denied by plugin second: no");
        first.Seen.ShouldHaveSingleItem();
    }

    /// <summary>Docker gave plugins an empty body when the head said "Content-Length: 0" or the body was large, and processed it all the same.</summary>
    [Theory]
    [InlineData("Transfer-Encoding: chunked\r\n", "1d\r\n{\"HostConfig\":{\"Privileged\":1\r\n2\r\n}}\r\n0\r\n\r\n", "{\"HostConfig\":{\"Privileged\":1}}")]
    [InlineData("Content-Length: 0\r\n", "{\"HostConfig\":{\"Privileged\":1}}", "")]
    [InlineData("Content-Length: 7\r\n", "{\"a\":1}{\"a\":2}", "{\"a\":1}")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "7\r\n{\"a\":1}\r\n0\r\n\r\n", "{\"a\":1}")]
    public async Task Plugin_is_given_the_body_that_is_processed_CVE_2024_41110(string header, string sent, string processed)
    {
        await using var plugin = await TestPlugin.StartAsync();
        await using var served = await ServeAsync(plugin.Line());

        var answer = await served.TalkAsync($"POST /echo/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n{header}\r\n{sent}");

        answer.ShouldEndWith($"\r\n\r\n{processed}\n");
        Body(plugin.Seen[0], "RequestBody").ShouldBe(processed);
    }

    [Fact]
    public async Task Large_body_is_shown_whole()
    {
        await using var plugin = await TestPlugin.StartAsync();
        await using var served = await ServedRoutes.StartAsync(new RouteTable().Map("POST", "/take", x => x.NoBody(200)), new AuthorizationPlugins([plugin.Line()]));
        using var client = served.Client();
        // Docker's plugins see no body above 1 MiB.
        var large = $$"""{"a":"{{new string('x', 2 << 20)}}"}""";

        using var answer = await client.PostAsync("/take", new StringContent(large, Encoding.UTF8, "application/json"));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        Body(plugin.Seen[0], "RequestBody").ShouldBe(large);
    }

    [Fact]
    public async Task Body_that_is_too_large_to_be_shown_is_refused_CVE_2026_34040()
    {
        await using var plugin = await TestPlugin.StartAsync();
        await using var served = await ServeAsync(plugin.Line());
        using var client = served.Client();

        using var answer = await client.PostAsync("/echo/a", new StringContent(new string(' ', Exchange.JsonMaxBytes + 1), Encoding.UTF8, "application/json"));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        plugin.Seen.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("//echo///a")]
    [InlineData("/%65cho/a")]
    [InlineData("/v1.55/echo/./a")]
    public async Task Other_spelling_of_a_path_is_shown_as_the_path_it_is(string path)
    {
        await using var plugin = await TestPlugin.StartAsync();
        await using var served = await ServeAsync(plugin.Line());

        await served.TalkAsync($"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");

        plugin.Seen[0]["RequestUri"]!.ToString().ShouldBe("/v1.55/echo/a");
    }

    [Theory]
    [InlineData("/v1.55/../v1.55/echo/a", "/v1.55/echo/a")]
    [InlineData("/v1.55/x/%2e%2e/echo/a", "/v1.55/echo/a")]
    [InlineData("/echo/..%2fsecret", "/v1.55/echo/..%2Fsecret")]
    [InlineData("/v1.24/echo/a", "/v1.24/echo/a")]
    public async Task Ways_up_and_versions_are_shown_as_they_are_processed(string path, string shown)
    {
        await using var plugin = await TestPlugin.StartAsync();
        await using var served = await ServeAsync(plugin.Line());

        await served.TalkAsync($"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");

        plugin.Seen[0]["RequestUri"]!.ToString().ShouldBe(shown);
    }

    /// <summary>A plugin that denies <c>force=1</c> sees no such thing in <c>FORCE=1</c>: neither must the handler.</summary>
    [Theory]
    [InlineData("force=1", "1")]
    [InlineData("%66orce=1", "1")]
    [InlineData("FORCE=1", "absent")]
    [InlineData("force=1&force=0", "1")]
    [InlineData("force=&force=1", "absent")]
    public async Task Parameters_have_the_names_that_are_written(string query, string processed)
    {
        await using var plugin = await TestPlugin.StartAsync();
        await using var served = await ServedRoutes.StartAsync(
            new RouteTable().Map("POST", "/act", x => x.WriteBytesAsync(200, "text/plain", Encoding.UTF8.GetBytes(x.Query("force") ?? "absent"))), new AuthorizationPlugins([plugin.Line()]));

        var answer = await served.TalkAsync($"POST /act?{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");

        answer.TrimEnd().ShouldEndWith("\r\n\r\n" + processed);
        plugin.Seen[0]["RequestUri"]!.ToString().ShouldBe("/v1.55/act?" + query);
    }

    [Theory]
    [InlineData("PUT", "/containers/{id}/archive", "/containers/a/archive")]
    [InlineData("POST", "/images/load", "/images/load")]
    [InlineData("POST", "/build", "/build")]
    [InlineData("POST", "/sampan/builds/contexts", "/sampan/builds/contexts")]
    [InlineData("POST", "/sampan/volumes/import", "/sampan/volumes/import")]
    public async Task An_archive_reaches_its_endpoint_whatever_its_size_and_is_not_shown(string method, string template, string path)
    {
        await using var plugin = await TestPlugin.StartAsync();
        await using var served = await ServedRoutes.StartAsync(
            new RouteTable().Map(method, template, async x =>
            {
                using var bytes = new MemoryStream();
                await x.Archive.CopyToAsync(bytes);
                await x.WriteBytesAsync(200, "text/plain", Encoding.UTF8.GetBytes($"{bytes.Length}"));
            }), new AuthorizationPlugins([plugin.Line()]));
        using var client = served.Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new ByteArrayContent(new byte[Exchange.JsonMaxBytes + 7]) };

        using var answer = await client.SendAsync(request);

        (await answer.Content.ReadAsStringAsync()).Trim().ShouldBe($"{Exchange.JsonMaxBytes + 7}");
        plugin.Seen[0]["RequestBody"].ShouldBeNull();
    }

    [Fact]
    public async Task Plugin_that_cannot_be_reached_or_is_none_lets_nothing_through()
    {
        await using var other = await TestPlugin.StartAsync("VolumeDriver");
        using var absent = new AuthorizationPlugin("absent", () => PluginAddress.Find("absent", "/nowhere", ["/nowhere"]));
        using var dead = new AuthorizationPlugin("dead", () => new UnixDomainSocketEndPoint("/nowhere/dead.sock"));
        foreach (var (line, why) in new[] { (absent, "plugin 'absent' not found"), (dead, "plugin dead failed with error"), (other.Line("volumes"), "does not implement 'authz'") })
        {
            await using var served = await ServeAsync(line);
            using var client = served.Client();
            using var answer = await client.PostAsync("/echo/a", null);
            answer.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
            (await answer.Content.ReadAsStringAsync()).ShouldContain(why);
        }
    }

    [Fact]
    public void Plugins_are_found_as_docker_finds_them()
    {
        var directory = Directory.CreateTempSubdirectory("sampan-plugins-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(directory, "one.sock"), "");
            File.WriteAllText(Path.Combine(directory, "two.spec"), "unix:///run/two.sock\n");
            File.WriteAllText(Path.Combine(directory, "three.spec"), "tcp://localhost:8080");
            File.WriteAllText(Path.Combine(directory, "four.spec"), "ftp://x");

            PluginAddress.Find("one", directory, [directory]).ToString().ShouldBe(Path.Combine(directory, "one.sock"));
            PluginAddress.Find("two", directory, [directory]).ToString().ShouldBe("/run/two.sock");
            PluginAddress.Find("three", directory, [directory]).ToString().ShouldBe("127.0.0.1:8080");
            Should.Throw<EngineException>(() => PluginAddress.Find("four", directory, [directory])).Message.ShouldContain("expected unix:///path");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static Task<ServedRoutes> ServeAsync(params AuthorizationPlugin[] plugins) => ServedRoutes.StartAsync(
        new RouteTable().Map("POST", "/echo/{name}", async x => await x.WriteBytesAsync(200, "application/json", await x.ReadBodyAsync())),
        new AuthorizationPlugins(plugins));

    private static string Body(JsonObject message, string member) => Encoding.UTF8.GetString(Convert.FromBase64String((string?)message[member] ?? ""));
}
