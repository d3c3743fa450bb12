using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>The machine's clock is set a day ahead and a day back under a daemon and its containers. In a guest alone: other programs live on this machine's clock. Each part by itself: ClockTests of the engine.</summary>
public sealed class ClockJumpTests
{
    private const int Day = 24 * 60 * 60;

    [Theory, InlineData(Day), InlineData(-Day)]
    public async Task What_waits_goes_on_and_nothing_is_lost(int seconds)
    {
        if (Environment.GetEnvironmentVariable("GUEST") is null)
        {
            Assert.Skip("sets the machine's clock: a guest's alone (scripts/guest)");
        }

        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        (await daemon.SampanAsync("run", "-d", "--name", "again", "--restart", "always", "busybox", "sleep", "1")).Succeeded();
        (await daemon.SampanAsync("run", "-d", "--name", "well", "--health-cmd", "true", "--health-interval", "1s", "--health-start-period", "0s", "busybox", "sleep", "3600")).Succeeded();
        (await daemon.SampanAsync("run", "-d", "--name", "deaf", "busybox", "sh", "-c", "trap 'echo asked' TERM; while true; do sleep 1; done")).Succeeded();
        (await daemon.SampanAsync("run", "-d", "--name", "said", "busybox", "sh", "-c", "echo before; while [ ! -e /go ]; do sleep 0.1; done; echo after; sleep 3600")).Succeeded();
        await HealthyProbeAsync(daemon, null);
        var ended = await ExecAsync(daemon, "true");
        var waiting = await CreateExecAsync(daemon, "echo", "still known");
        var begun = DateTimeOffset.UtcNow.AddSeconds(-60).ToUnixTimeSeconds();
        using var follower = Shell.Start(Clients.Path(Clients.Sampan), ["logs", "-f", "said"], daemon.ClientEnvironment);
        (await follower.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("before");
        using var watcher = Shell.Start(Clients.Path(Clients.Sampan), ["events", "--filter", "event=rename", "--format", "{{.Actor.Attributes.name}}"], daemon.ClientEnvironment);
        var stopwatch = Stopwatch.StartNew();
        var stopping = daemon.SampanAsync("stop", "-t", "20", "deaf");
        await Eventually.HoldsAsync("it was asked to stop", async () => (await daemon.SampanAsync("logs", "deaf")).Text == "asked");

        await SetClockAsync(seconds);
        var jumped = DateTimeOffset.UtcNow;
        try
        {
            // Restarts and probes go on, by the new clock.
            var restarts = await RestartsAsync(daemon);
            await Eventually.HoldsAsync("the policy starts it again", async () => await RestartsAsync(daemon) > restarts);
            await HealthyProbeAsync(daemon, jumped);

            // A stop waits as long as it was told: no less, and not for a day.
            (await stopping).Succeeded();
            stopwatch.Elapsed.ShouldBeGreaterThan(TimeSpan.FromSeconds(20));
            (await daemon.SampanAsync("inspect", "-f", "{{.State.ExitCode}}", "deaf")).Succeeded().ShouldBe("137");

            // Logs keep their order, followers hear on, and lines are chosen by the time that they bear.
            (await daemon.SampanAsync("exec", "said", "touch", "/go")).Succeeded();
            (await follower.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("after");
            (await daemon.SampanAsync("logs", "said")).Lines.ShouldBe(["before", "after"]);
            (await daemon.SampanAsync("logs", "--since", Seconds(jumped.ToUnixTimeSeconds()), "said")).Lines.ShouldBe(seconds > 0 ? ["after"] : ["before", "after"]);
            (await daemon.SampanAsync("logs", "--until", Seconds(jumped.ToUnixTimeSeconds()), "said")).Lines.ShouldBe(seconds > 0 ? ["before"] : []);

            // Events, too; a watcher that was there before gets what happens after.
            (await daemon.SampanAsync("rename", "said", "renamed")).Succeeded();
            (await watcher.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("renamed");
            var id = (await daemon.SampanAsync("inspect", "-f", "{{.Id}}", "renamed")).Succeeded();
            using var told = Shell.Start(Clients.Path(Clients.Sampan), ["events", "--since", Seconds(Math.Min(begun, jumped.ToUnixTimeSeconds())), "--filter", $"container={id}", "--filter", "event=start", "--filter", "event=rename", "--format", "{{.Action}}"], daemon.ClientEnvironment);
            (await told.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("start");
            (await told.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("rename");
            told.Kill();

            // Execs are remembered: one that ended, and one that nobody has started yet.
            (await daemon.SendAsync(HttpMethod.Get, $"exec/{ended}/json")).Body.ShouldContain("\"ExitCode\":0");
            var (status, answer) = await daemon.SendAsync(HttpMethod.Post, $"exec/{waiting}/start", "{}");
            status.ShouldBe(200);
            answer.ShouldContain("still known");

            // What is young is young by the new clock, or old: no prune takes what runs, and the next daemon adopts it.
            await daemon.CrashAsync();
            await daemon.StartAgainAsync();
            (await daemon.SampanAsync("inspect", "-f", "{{.State.Running}}", "well", "renamed")).Lines.ShouldBe(["true", "true"]);
            var before = await RestartsAsync(daemon);
            await Eventually.HoldsAsync("the policy starts it again", async () => await RestartsAsync(daemon) > before);
            (await daemon.SampanAsync("run", "--rm", "busybox", "echo", "runs")).Succeeded().ShouldBe("runs");
            (await daemon.SampanAsync("system", "check")).Succeeded();
        }
        finally
        {
            await SetClockAsync(-seconds);
            follower.Kill();
            watcher.Kill();
        }
    }

    private static string Seconds(long time) => time.ToString(CultureInfo.InvariantCulture);

    private static async Task SetClockAsync(int seconds) => (await Shell.RunAsync("date", ["-s", $"{seconds} seconds"])).Succeeded();

    private static async Task<int> RestartsAsync(Daemon daemon) =>
        int.Parse((await daemon.SampanAsync("inspect", "-f", "{{.RestartCount}}", "again")).Succeeded(), CultureInfo.InvariantCulture);

    // A probe that began since then, and all is well.
    private static Task HealthyProbeAsync(Daemon daemon, DateTimeOffset? since) => Eventually.HoldsAsync("a probe says that it is healthy", async () =>
    {
        using var document = JsonDocument.Parse((await daemon.SampanAsync("inspect", "-f", "{{json .State.Health}}", "well")).Succeeded());
        var probes = document.RootElement.GetProperty("Log").EnumerateArray().ToList();
        return document.RootElement.GetProperty("Status").GetString() == "healthy" && probes.Count > 0
            && (since is not { } time || (probes[^1].GetProperty("Start").GetDateTimeOffset() - time).Duration() < TimeSpan.FromHours(1));
    });

    private static async Task<string> CreateExecAsync(Daemon daemon, params string[] command)
    {
        var (status, body) = await daemon.SendAsync(HttpMethod.Post, "containers/well/exec", JsonSerializer.Serialize(new { Cmd = command, AttachStdout = true }));
        status.ShouldBe(201, body);
        using var document = JsonDocument.Parse(body);
        return document.RootElement.GetProperty("Id").GetString()!;
    }

    private static async Task<string> ExecAsync(Daemon daemon, params string[] command)
    {
        var id = await CreateExecAsync(daemon, command);
        (await daemon.SendAsync(HttpMethod.Post, $"exec/{id}/start", "{}")).Status.ShouldBe(200);
        return id;
    }
}
