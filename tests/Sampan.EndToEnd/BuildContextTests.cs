using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary><c>sampan build</c> sends what changed, not what the engine has from the build before.</summary>
public sealed class BuildContextTests(SharedEngine engine) : EngineTest(engine)
{
    private const int Files = 300;

    [Fact]
    public async Task The_second_build_sends_only_what_changed_and_gives_what_a_whole_context_gives()
    {
        using var context = new Scratch();
        for (var i = 0; i < Files; i++)
            await File.WriteAllTextAsync(Path.Combine(context.Path, $"file{i}"), $"content of {context.Path} {i}\n");
        await File.WriteAllTextAsync(Path.Combine(context.Path, "Dockerfile"), "FROM busybox\nCOPY . /all/\nRUN cat /all/file7 /all/file8\n");
        File.CreateSymbolicLink(Path.Combine(context.Path, "link"), "file7");

        (await BuildAsync()).ShouldContain($"context: {Files + 1} files, 0 of them known from before");
        // Files that were made a moment ago are sent once more: a change within the clock's grain would not show.
        await Eventually.HoldsAsync("all of it is known", async () => (await BuildAsync()).Contains($"context: {Files + 1} files, {Files + 1} of them known from before", StringComparison.Ordinal));
        var image = await InspectAsync(Clients.Docker, "context-own", "{{.Id}}");

        // The same size, so that only times tell.
        await File.WriteAllTextAsync(Path.Combine(context.Path, "file7"), (await File.ReadAllTextAsync(Path.Combine(context.Path, "file7"))).Replace("content", "CONTENT", StringComparison.Ordinal));
        File.Delete(Path.Combine(context.Path, "file9"));
        var changed = await BuildAsync();
        changed.ShouldContain($"context: {Files} files, {Files - 1} of them known from before");
        changed.ShouldContain($"CONTENT of {context.Path} 7");
        (await RunAsync(Clients.Docker, "run", "--rm", "context-own", "sh", "-c", "cat /all/link; ls /all | wc -l; cat /all/file* | wc -l")).Lines.ShouldBe([$"CONTENT of {context.Path} 7", $"{Files + 1}", $"{Files - 1}"]);

        // Docker's client sends all of it, and gets the same steps.
        var whole = (await Shell.RunAsync(Clients.Path(Clients.Docker), ["build", "-t", "context-own", context.Path], new Dictionary<string, string>(Daemon.ClientEnvironment, StringComparer.Ordinal) { ["DOCKER_BUILDKIT"] = "0" })).Succeeded();
        whole.Split("Using cache").Length.ShouldBe(3, whole);
        (await InspectAsync(Clients.Docker, "context-own", "{{.Id}}")).ShouldNotBe(image);

        (await RunAsync(Clients.Docker, "system", "df", "-v", "--format", "{{json .BuildCache}}")).Succeeded().ShouldContain($"context {context.Path}");
        (await RunAsync(Clients.Docker, "builder", "prune", "-f", "--filter", $"description=context {context.Path}")).Succeeded();
        (await BuildAsync()).ShouldContain($"context: {Files} files, 0 of them known from before");

        async Task<string> BuildAsync() => (await RunAsync(Clients.Sampan, "build", "-t", "context-own", context.Path)).Succeeded();
    }

    [Fact]
    public async Task Offers_that_make_no_sense_are_refused()
    {
        (await SendAsync("/sampan/builds/contexts?key=short", "a\0b\0")).ShouldBe((400, "the offer of a context needs a key of 16 to 128 characters"));
        (await SendAsync("/sampan/builds/contexts?key=0123456789abcdef", "a\0b\0c\0")).ShouldBe((400, "the offer of a context is no list of names and fingerprints, each followed by a zero byte"));
        (await SendAsync("/sampan/builds/contexts?key=0123456789abcdef", "a")).ShouldBe((400, "the offer of a context is no list of names and fingerprints, each followed by a zero byte"));
        (await SendAsync("/build?knowncontext=0123456789abcdef", "")).Message.ShouldContain("was forgotten meanwhile, so parts of the context are missing: build again");

        async Task<(int Status, string Message)> SendAsync(string path, string body)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path.TrimStart('/')) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/octet-stream") };
            using var answer = await Daemon.Http.SendAsync(request);
            var text = (await answer.Content.ReadAsStringAsync()).Trim();
            return ((int)answer.StatusCode, answer.IsSuccessStatusCode ? text : System.Text.Json.JsonDocument.Parse(text).RootElement.GetProperty("message").GetString() ?? "");
        }
    }
}
