using System.Text;
using Sampan.Engine.Events;
using Sampan.Engine.Tests.Doubles;
using Sampan.Server.Docker;
using Sampan.Server.Docker.Events;
using Sampan.Server.Tests.Http;

namespace Sampan.Server.Tests.Docker;

public sealed class EventEndpointsTests
{
    [Theory]
    [InlineData(null, "application/json", "{")]
    [InlineData("*/*", "application/json", "{")]
    [InlineData("application/jsonl", "application/jsonl", "{")]
    [InlineData("application/x-ndjson", "application/x-ndjson", "{")]
    [InlineData("application/json-seq", "application/json-seq", "\x1e{")]
    [InlineData("application/x-ndjson;q=0.2, application/json-seq;q=0.5", "application/json-seq", "\x1e{")]
    [InlineData("application/json-seq;q=0", "application/json", "{")]
    public async Task Events_come_in_the_form_that_the_client_prefers(string? accept, string type, string begin)
    {
        await using var harbour = await Harbour.OpenAsync();
        await harbour.CreateAsync(name: "one");
        await using var served = await ServedRoutes.StartAsync(DockerRoutes.Of(new DockerDaemon { Engine = harbour.Engine, Time = TimeProvider.System }));
        using var client = served.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"events?since=0&until={DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1}");
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept).ShouldBeTrue();

        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        answer.Content.Headers.ContentType?.MediaType.ShouldBe(type);
        await using var stream = await answer.Content.ReadAsStreamAsync();
        var first = new byte[begin.Length];
        await stream.ReadExactlyAsync(first);
        Encoding.UTF8.GetString(first).ShouldBe(begin);
    }

    [Theory]
    [InlineData("""{"plugin":["a/b:latest"]}""", true)]
    [InlineData("""{"plugin":["0123"]}""", true)]
    [InlineData("""{"plugin":["other"]}""", false)]
    [InlineData("""{"type":["plugin"],"event":["enable"]}""", true)]
    [InlineData("""{"plugin":["a/"]}""", true)]
    [InlineData("""{"plugin":["b:latest"]}""", false)]
    [InlineData("""{"container":["a/b"]}""", true)]
    [InlineData("""{"service":["other"]}""", false)]
    [InlineData("""{"plugin":["a/"],"volume":["other"]}""", false)]
    public void Actor_is_found_by_how_its_name_or_its_id_begins_whatever_it_is(string filters, bool expected)
    {
        var enabled = new EngineEvent { Type = "plugin", Action = "enable", ActorId = "0123456789ab", Time = DateTimeOffset.UnixEpoch, Attributes = new Dictionary<string, string> { ["name"] = "a/b:latest" } };

        EventFilter.Matches(Filters.Read(filters), enabled).ShouldBe(expected);
    }
}
