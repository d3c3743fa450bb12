using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Health checks as a user meets them. The probe looks for a file, which the test makes and takes away.</summary>
public sealed class HealthTests(SharedEngine engine) : EngineTest(engine)
{
    private static readonly string[] Quick = ["--health-interval", "50ms", "--health-retries", "2", "--health-timeout", "30s"];

    private Task HealthAsync(string client, string name, string word)
        => Eventually.HoldsAsync($"{name} is {word}", async () => await InspectAsync(client, name, "{{.State.Health.Status}}") == word);

    [Theory, MemberData(nameof(Both))]
    public async Task A_probe_decides_what_ps_inspect_and_events_say(string client)
    {
        var name = NewName("probed");
        await SleeperAsync(client, name, ["--health-cmd", "echo looked; test -e /well", .. Quick]);

        await HealthAsync(client, name, "unhealthy");
        (await RunAsync(client, "ps", "-f", $"name={name}", "--format", "{{.Status}}")).Succeeded().ShouldEndWith("(unhealthy)");
        (await RunAsync(client, "ps", "-q", "-f", $"name={name}", "-f", "health=unhealthy")).Lines.Length.ShouldBe(1);
        (await RunAsync(client, "ps", "-q", "-f", $"name={name}", "-f", "health=healthy")).Lines.ShouldBeEmpty();

        (await RunAsync(client, "exec", name, "touch", "/well")).Succeeded();
        await HealthAsync(client, name, "healthy");
        (await RunAsync(client, "ps", "-f", $"name={name}", "--format", "{{.Status}}")).Succeeded().ShouldEndWith("(healthy)");
        (await InspectAsync(client, name, "{{json .Config.Healthcheck.Test}} {{.State.Health.FailingStreak}}")).ShouldBe("""["CMD-SHELL","echo looked; test -e /well"] 0""");
        await Eventually.HoldsAsync("five results are remembered", async () => await InspectAsync(client, name, "{{len .State.Health.Log}}") == "5");
        (await InspectAsync(client, name, "{{range .State.Health.Log}}{{.Output}}{{end}}")).Split('\n').ShouldAllBe(line => line == "looked");

        // The clients cut '--until' to whole seconds: what happened just now may not be told yet.
        await Eventually.PassesAsync(async () => (await RunAsync(client, "events", "--since", "1h", "--until", "0s", "-f", $"container={name}", "--format", "{{.Action}}")).Lines
            .Where(line => line.StartsWith("health_status", StringComparison.Ordinal)).Take(2).ShouldBe(["health_status: unhealthy", "health_status: healthy"]));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_container_without_a_probe_has_no_health(string client)
    {
        var name = NewName("plain");
        await SleeperAsync(client, name, "--no-healthcheck");

        (await InspectAsync(client, name, "{{json .State}}")).ShouldNotContain("Health");
        (await InspectAsync(client, name, "{{json .Config.Healthcheck.Test}}")).ShouldBe("""["NONE"]""");
        (await RunAsync(client, "ps", "-q", "-f", $"name={name}", "-f", "health=none")).Lines.Length.ShouldBe(1);
        (await RunAsync(client, "ps", "-f", "health=well")).Failed().Saying("health");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task The_images_probe_is_used_and_kept_by_commit(string client)
    {
        var name = NewName("model");
        var image = $"probed-{client}";
        await SleeperAsync(client, name);
        (await RunAsync(client, "commit", "-c", "HEALTHCHECK --interval=50ms --retries=1 CMD test -e /nowhere", name, image)).Succeeded();
        var child = NewName("child");
        try
        {
            (await RunAsync(client, "run", "-d", "--name", child, image, "sleep", "3600")).Succeeded();
            await HealthAsync(client, child, "unhealthy");
        }
        finally
        {
            await RunAsync(client, "rm", "-f", child);
            await RunAsync(client, "rmi", image);
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_probe_that_hangs_is_killed_with_its_children(string client)
    {
        var name = NewName("hanging");
        await SleeperAsync(client, name, "--health-cmd", "echo begun; sleep 7777 & sleep 7777", "--health-interval", "50ms", "--health-timeout", "500ms", "--health-retries", "1");

        await HealthAsync(client, name, "unhealthy");
        (await InspectAsync(client, name, "{{(index .State.Health.Log 0).ExitCode}} {{(index .State.Health.Log 0).Output}}")).ShouldBe("-1 Health check exceeded timeout (500ms): begun");
        // The next probe may run already: at most its own two are there.
        await Eventually.HoldsAsync("no probe's children are left", async () => (await InspectAsync(client, name, "{{len .State.Health.Log}}")) == "5"
            && (await RunAsync(client, "top", name)).Lines.Count(l => l.Contains("sleep 7777", StringComparison.Ordinal)) <= 3);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_paused_container_is_not_probed(string client)
    {
        var name = NewName("frozen");
        await SleeperAsync(client, name, ["--health-cmd", "true", .. Quick]);
        await HealthAsync(client, name, "healthy");

        (await RunAsync(client, "pause", name)).Succeeded();
        var last = await InspectAsync(client, name, "{{json .State.Health}}");
        (await RunAsync(client, "ps", "-f", $"name={name}", "--format", "{{.Status}}")).Succeeded().ShouldEndWith("(Paused)");
        (await BusyboxAsync(client, "sleep 1; echo later")).ShouldBe("later");
        (await InspectAsync(client, name, "{{json .State.Health}}")).ShouldBe(last);

        (await RunAsync(client, "unpause", name)).Succeeded();
        await Eventually.HoldsAsync("it is probed again", async () => await InspectAsync(client, name, "{{json .State.Health}}") != last);
    }

    [Fact]
    public async Task An_unhealthy_container_is_started_again_by_its_label_with_dockers_client()
        => await RestartsAsync(Clients.Docker, "--label", "io.sampan.restart-on-unhealthy=true");

    [Fact]
    public async Task An_unhealthy_container_is_started_again_by_sampans_option()
        => await RestartsAsync(Clients.Sampan, "--restart-on-unhealthy");

    // Well at its first start only: the file is in the writable layer, and the program takes it away when it begins again.
    private async Task RestartsAsync(string client, params string[] options)
    {
        var name = NewName("lively");
        (await RunAsync(client, ["run", "-d", "--name", name, "--stop-signal", "KILL", "--health-cmd", "test -e /well", .. Quick, .. options, "busybox", "sh", "-c",
            "echo begin >>/begins; [ $(wc -l </begins) = 1 ] || touch /well; sleep 3600"])).Succeeded();

        await Eventually.HoldsAsync("it was started again and is well", async () => await InspectAsync(client, name, "{{.RestartCount}} {{.State.Health.Status}} {{.State.Running}}") == "1 healthy true");
        await Eventually.PassesAsync(async () => (await RunAsync(client, "events", "--since", "1h", "--until", "0s", "-f", $"container={name}", "-f", "event=restart")).Lines
            .ShouldHaveSingleItem().ShouldContain("reason=unhealthy"));
    }

    /// <summary>The daemon's own default; what a container's label says comes first.</summary>
    [Fact]
    public async Task An_unhealthy_container_is_started_again_by_the_daemons_default()
    {
        await using var daemon = await Daemon.StartAsync("--restart-on-unhealthy");
        await daemon.LoadAsync("busybox");
        string[] ill = ["run", "-d", "--stop-signal", "KILL", "--health-cmd", "false", .. Quick];
        (await daemon.DockerAsync([.. ill, "--name", "unwilling", "--label", "io.sampan.restart-on-unhealthy=false", "busybox", "sleep", "3600"])).Succeeded();
        (await daemon.DockerAsync([.. ill, "--name", "willing", "busybox", "sleep", "3600"])).Succeeded();

        await Eventually.HoldsAsync("one is started again", async () => (await daemon.DockerAsync("inspect", "-f", "{{.RestartCount}}", "willing")).Succeeded() is not "0");
        await Eventually.HoldsAsync("the other is unhealthy", async () => (await daemon.DockerAsync("inspect", "-f", "{{.State.Health.Status}}", "unwilling")).Succeeded() is "unhealthy");
        (await daemon.DockerAsync("inspect", "-f", "{{.RestartCount}} {{.State.Running}}", "unwilling")).Succeeded().ShouldBe("0 true");
    }

    [Fact]
    public async Task Update_lets_an_unhealthy_container_be_started_again()
    {
        var name = NewName("updated");
        await SleeperAsync(Clients.Sampan, name, ["--stop-signal", "KILL", "--health-cmd", "false", .. Quick]);
        await HealthAsync(Clients.Sampan, name, "unhealthy");
        (await InspectAsync(Clients.Sampan, name, "{{.RestartCount}}")).ShouldBe("0");

        (await RunAsync(Clients.Sampan, "update", "--restart-on-unhealthy", name)).Succeeded();

        await Eventually.HoldsAsync("it is started again", async () => await InspectAsync(Clients.Sampan, name, "{{.RestartCount}}") != "0");
    }
}
