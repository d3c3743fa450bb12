using System.Diagnostics;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary><c>develop.watch</c>: what becomes of files that change.</summary>
public sealed class ComposeWatchTests(SharedEngine engine) : EngineTest(engine)
{
    private const string Yaml = """
        services:
          web:
            build: {context: ./web}
            command: sleep 1000
            init: true
            develop:
              watch:
                - {path: ./web/src, action: sync, target: /app, ignore: ["*.log"], initial_sync: true}
                - {path: ./web/conf, action: sync+exec, target: /conf, include: "*.conf", exec: {command: [sh, -c, "cat /conf/*.conf > /seen"]}}
                - {path: ./web/restart, action: sync+restart, target: /restart}
                - {path: ./web/Dockerfile, action: rebuild}
        """;

    [Fact]
    public async Task Files_are_copied_removed_and_followed_by_a_command_a_restart_or_a_build()
    {
        await using var app = new Application(this, Yaml);
        await app.WriteAsync("web/Dockerfile", "FROM busybox\nRUN echo one > /built\n");
        await app.WriteAsync("web/.dockerignore", "src/generated\n");
        foreach (var directory in new[] { "src", "conf", "restart" })
            await app.WriteAsync($"web/{directory}/there", directory);
        using var watch = app.Start(new Dictionary<string, string>(StringComparer.Ordinal), "watch");
        try
        {
            await SaysAsync(watch, "Watch enabled");
            (await ReadAsync(app, "/app/there")).ShouldBe("src", "the initial copy");

            await app.WriteAsync("web/src/deep/er/new", "first");
            await IsAsync(app, "/app/deep/er/new", "first");
            await app.WriteAsync("web/src/noise.log", "noise");
            await app.WriteAsync("web/src/generated/code", "noise");
            await app.WriteAsync("web/src/deep/er/new", "second");
            await IsAsync(app, "/app/deep/er/new", "second");
            (await app.RunAsync("exec", "-T", "web", "ls", "/app")).Lines.ShouldBe(["deep", "there"], "what is ignored was not copied");
            File.Delete(Path.Combine(app.Directory, "web/src/there"));
            await Eventually.HoldsAsync("the file is removed there, too", async () => (await app.RunAsync("exec", "-T", "web", "ls", "/app")).Text == "deep");

            await app.WriteAsync("web/conf/other.txt", "not included");
            await app.WriteAsync("web/conf/a.conf", "configured");
            await IsAsync(app, "/seen", "configured");
            (await app.RunAsync("exec", "-T", "web", "ls", "/conf")).Text.ShouldBe("a.conf");

            var started = await InspectAsync(Clients.Sampan, $"{app.Name}-web-1", "{{.State.StartedAt}}");
            await app.WriteAsync("web/restart/file", "again");
            await Eventually.HoldsAsync("it was restarted", async () => await InspectAsync(Clients.Sampan, $"{app.Name}-web-1", "{{.State.StartedAt}}") != started);
            await IsAsync(app, "/restart/file", "again");

            var before = await app.IdsAsync();
            await app.WriteAsync("web/Dockerfile", "FROM busybox\nRUN false\n");
            await SaysAsync(watch, "Watch of web: ");
            await app.WriteAsync("web/Dockerfile", "FROM busybox\nRUN echo two > /built\n");
            await IsAsync(app, "/built", "two");
            (await app.IdsAsync())["web"].ShouldNotBe(before["web"]);

            (await Shell.RunAsync("/bin/kill", ["-INT", $"{watch.Id}"])).Succeeded();
            await watch.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Shell.Patience, TestContext.Current.CancellationToken);
            watch.ExitCode.ShouldBe(0);
            (await app.RunAsync("ps", "-q")).Lines.Length.ShouldBe(1, "the container stays");
        }
        finally
        {
            if (!watch.HasExited) watch.Kill();
            await app.RunAsync("down", "-v", "-t", "0", "--rmi", "local");
        }
    }

    [Fact]
    public async Task What_can_not_be_watched_is_told()
    {
        await using var app = new Application(this, "services: {a: {image: busybox, develop: {watch: [{path: ./gone, action: restart}]}}, b: {image: busybox, develop: {watch: [{path: ., action: rebuild}]}}, c: {image: busybox}}");
        (await app.RunAsync("watch", "--no-up", "a")).Ended(1).Saying("there is no '").Saying("/gone'");
        (await app.RunAsync("watch", "--no-up", "b")).Ended(1).Saying("the action 'rebuild' needs a build");
        (await app.RunAsync("watch", "--no-up", "c")).Ended(1).Saying("do not say what to watch: expected 'develop.watch'");
        (await app.RunAsync("up", "-d", "--watch")).Ended(1).Saying("--watch stays");
    }

    private static async Task SaysAsync(Process process, string text)
    {
        while (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Shell.Patience, TestContext.Current.CancellationToken) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal)) return;
        }
        Assert.Fail($"it ended without saying '{text}'");
    }

    private static async Task<string> ReadAsync(Application app, string path) => (await app.RunAsync("exec", "-T", "web", "cat", path)).Text;

    private static Task IsAsync(Application app, string path, string content) => Eventually.HoldsAsync($"{path} is '{content}'", async () => await ReadAsync(app, path) == content);
}
