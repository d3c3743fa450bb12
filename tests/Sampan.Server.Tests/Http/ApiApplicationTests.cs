using System.Net;
using System.Text;
using Sampan.DockerApi;
using Sampan.Engine;
using Sampan.Server.Http;

namespace Sampan.Server.Tests.Http;

public sealed class ApiApplicationTests
{
    private static readonly RouteTable Routes = new RouteTable()
        .Map("GET", "/containers/{id}/json", x => x.WriteBytesAsync(200, "text/plain", Encoding.UTF8.GetBytes($"{x.Route("id")} {x.Version}")))
        .Map("GET", "/images/{name*}/json", x => x.WriteBytesAsync(200, "text/plain", Encoding.UTF8.GetBytes(x.Route("name"))))
        .Map("GET", "/fails/{kind}", x => throw new EngineException(Enum.Parse<ErrorKind>(x.Route("kind")), "no such thing: \"<ü>\""))
        .Map("GET", "/crashes", _ => throw new InvalidOperationException("a fault"))
        .Map("GET", "/breaks", async x =>
        {
            await x.StartStreamAsync("application/json");
            throw new InvalidOperationException("half-way");
        })
        .Map("POST", "/create", async x =>
        {
            var request = await x.ReadJsonAsync(DockerApiJson.Wire.ContainerCreateRequest);
            await x.WriteBytesAsync(200, "text/plain", Encoding.UTF8.GetBytes(request.Image));
        });

    [Theory]
    [InlineData("/containers/abc/json", "abc 1.55")]
    [InlineData("/v1.24/containers/abc/json", "abc 1.24")]
    [InlineData("/v1.55/containers/a%20b/json", "a b 1.55")]
    [InlineData("/v1.43/images/docker.io/library/busybox:1.35/json", "docker.io/library/busybox:1.35")]
    [InlineData("/images/library%2Fbusybox/json", "library/busybox")]
    public async Task Route_matches_with_and_without_version(string path, string expected)
    {
        await using var served = await ServedRoutes.StartAsync(Routes);
        using var client = served.Client();

        var answer = await client.GetStringAsync(path);

        answer.TrimEnd('\n').ShouldBe(expected);
    }

    [Theory]
    [InlineData("/v1.23/containers/x/json", 400, "client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version")]
    [InlineData("/v1.99/containers/x/json", 400, "client version 1.99 is too new. Maximum supported API version is 1.55")]
    [InlineData("/v1/containers/x/json", 400, "client version 1 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version")]
    [InlineData("/v2/containers/x/json", 400, "client version 2 is too new. Maximum supported API version is 1.55")]
    [InlineData("/v1..2/containers/x/json", 400, "invalid API version '1..2': expected a version such as '1.55'")]
    [InlineData("/v1.x/containers/x/json", 404, "page not found")]
    [InlineData("/v1.99/nowhere", 404, "page not found")]
    [InlineData("/nowhere", 404, "page not found")]
    [InlineData("/v1.43/containers/x", 404, "page not found")]
    [InlineData("/", 404, "page not found")]
    [InlineData("/crashes", 500, "a fault")]
    [InlineData("/fails/NotFound", 404, "no such thing: \"<ü>\"")]
    [InlineData("/fails/InvalidArgument", 400, "no such thing: \"<ü>\"")]
    [InlineData("/fails/Conflict", 409, "no such thing: \"<ü>\"")]
    [InlineData("/fails/AlreadyExists", 409, "no such thing: \"<ü>\"")]
    [InlineData("/fails/PreconditionFailed", 412, "no such thing: \"<ü>\"")]
    [InlineData("/fails/Unauthorized", 401, "no such thing: \"<ü>\"")]
    [InlineData("/fails/Forbidden", 403, "no such thing: \"<ü>\"")]
    [InlineData("/fails/NotSupported", 501, "no such thing: \"<ü>\"")]
    [InlineData("/fails/Unavailable", 503, "no such thing: \"<ü>\"")]
    [InlineData("/fails/Internal", 500, "no such thing: \"<ü>\"")]
    public async Task Failure_answers_status_and_message(string path, int status, string message)
    {
        await using var served = await ServedRoutes.StartAsync(Routes);
        using var client = served.Client();

        using var answer = await client.GetAsync(path);

        ((int)answer.StatusCode).ShouldBe(status);
        answer.Content.Headers.ContentType?.MediaType.ShouldBe("application/json");
        // Docker's headers are those of a path that it has.
        answer.Headers.TryGetValues("Api-Version", out var version).ShouldBe(message != "page not found");
        answer.Headers.TryGetValues("Ostype", out var system).ShouldBe(message != "page not found");
        (version?.Single() ?? "1.55").ShouldBe("1.55");
        (system?.Single() ?? "linux").ShouldBe("linux");
        var error = System.Text.Json.JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(), DockerApiJson.Wire.ErrorResponse);
        error.ShouldNotBeNull().Message.ShouldBe(message);
    }

    [Fact]
    public async Task Method_that_no_route_has_answers_404_as_docker_does()
    {
        await using var served = await ServedRoutes.StartAsync(Routes);
        using var client = served.Client();

        using var answer = await client.DeleteAsync("/containers/x/json");

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Head_is_answered_without_a_body()
    {
        await using var served = await ServedRoutes.StartAsync(Routes);

        var answer = await served.TalkAsync("HEAD /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        answer.ShouldStartWith("HTTP/1.1 404 ");
        answer.ShouldEndWith("\r\n\r\n");
    }

    [Fact]
    public async Task Failure_after_the_head_breaks_the_answer_off()
    {
        await using var served = await ServedRoutes.StartAsync(Routes);
        using var client = served.Client();

        await Should.ThrowAsync<HttpRequestException>(() => client.GetStringAsync("/breaks"));

        (await client.GetStringAsync("/containers/still/json")).ShouldStartWith("still");
    }

    [Theory]
    [InlineData("", "invalid JSON: got EOF while reading request body")]
    [InlineData("{", "invalid JSON in the request body")]
    [InlineData("[]", "invalid JSON in the request body")]
    [InlineData("{\"Image\":{}}", "at 'Image'")]
    [InlineData("{\"HostConfig\":{\"Memory\":\"lots\"}}", "at 'HostConfig.Memory'")]
    [InlineData("{\"Image\":\"a\"} {}", "invalid JSON in the request body")]
    public async Task Wrong_json_answers_400_and_says_where(string body, string part)
    {
        await using var served = await ServedRoutes.StartAsync(Routes);
        using var client = served.Client();

        using var answer = await client.PostAsync("/create", new StringContent(body, Encoding.UTF8, "application/json"));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain(part);
    }

    [Fact]
    public async Task Json_of_another_content_type_answers_400()
    {
        await using var served = await ServedRoutes.StartAsync(Routes);
        using var client = served.Client();

        using var answer = await client.PostAsync("/create", new StringContent("{}", Encoding.UTF8, "text/plain"));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("must be 'application/json'");
    }

    [Fact]
    public async Task Json_larger_than_the_limit_answers_400()
    {
        await using var served = await ServedRoutes.StartAsync(Routes);
        using var client = served.Client();

        using var answer = await client.PostAsync("/create", new StringContent($"{{\"Image\":\"{new string('x', Exchange.JsonMaxBytes)}\"}}", Encoding.UTF8, "application/json"));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("larger than");
    }
}
