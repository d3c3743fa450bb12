using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Restart policies as Docker has them.</summary>
public sealed class RestartTests(SharedEngine engine) : EngineTest(engine)
{
    private Task IsAsync(string client, string name, string format, string expected)
        => Eventually.HoldsAsync($"{name}: {format} is {expected}", async () => await InspectAsync(client, name, format) == expected);

    [Theory, MemberData(nameof(Both))]
    public async Task On_failure_tries_as_often_as_allowed(string client)
    {
        var name = NewName("failing");
        (await RunAsync(client, "run", "-d", "--name", name, "--restart", "on-failure:2", "busybox", "sh", "-c", "echo run >>/runs; exit 3")).Succeeded();

        await IsAsync(client, name, "{{.State.Status}} {{.RestartCount}} {{.State.ExitCode}}", "exited 2 3");
        (await RunAsync(client, "cp", $"{name}:/runs", "-")).Succeeded().Split("run\n").Length.ShouldBe(4, "one run and two more");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task On_failure_leaves_a_success_alone(string client)
    {
        var name = NewName("succeeding");
        (await RunAsync(client, "run", "-d", "--name", name, "--restart", "on-failure", "busybox", "sh", "-c", "[ -e /second ] && exit 0; touch /second; exit 1")).Succeeded();

        await IsAsync(client, name, "{{.State.Status}} {{.RestartCount}} {{.State.ExitCode}}", "exited 1 0");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Always_starts_again_until_somebody_stops_it(string client)
    {
        var name = NewName("always");
        (await RunAsync(client, "run", "-d", "--name", name, "--restart", "always", "--stop-signal", "KILL", "busybox", "sh", "-c", "echo run >>/runs; [ $(wc -l </runs) -lt 3 ] && exit 0; sleep 3600")).Succeeded();
        await IsAsync(client, name, "{{.State.Running}} {{.RestartCount}} {{.State.Restarting}}", "true 2 false");

        (await RunAsync(client, "stop", name)).Succeeded();
        (await InspectAsync(client, name, "{{.State.Status}}")).ShouldBe("exited");
        (await RunAsync(client, "start", name)).Succeeded();
        await IsAsync(client, name, "{{.State.Running}} {{.RestartCount}}", "true 0");
        (await RunAsync(client, "kill", name)).Succeeded();
        (await InspectAsync(client, name, "{{.State.Status}}")).ShouldBe("exited");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Update_ends_a_loop_and_begins_one(string client)
    {
        var name = NewName("changed");
        (await RunAsync(client, "run", "-d", "--name", name, "--restart", "always", "busybox", "false")).Succeeded();
        await Eventually.HoldsAsync("it was started again", async () => await InspectAsync(client, name, "{{.RestartCount}}") is not "0");

        (await RunAsync(client, "update", "--restart", "no", name)).Succeeded();
        await IsAsync(client, name, "{{.State.Status}} {{.HostConfig.RestartPolicy.Name}}", "exited no");

        var other = NewName("other");
        await SleeperAsync(client, other);
        (await RunAsync(client, "update", "--restart", "always", other)).Succeeded();
        var pid = await InspectAsync(client, other, "{{.State.Pid}}");
        (await Shell.RunAsync("/bin/kill", ["-9", pid])).Succeeded();
        await Eventually.HoldsAsync("it was started again", async () => await InspectAsync(client, other, "{{.State.Running}} {{.RestartCount}}") == "true 1");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_container_that_removes_itself_has_no_policy(string client)
    {
        (await RunAsync(client, "run", "--rm", "--restart", "always", "busybox", "true")).Failed().Saying("restart");
        var name = NewName("ephemeral");
        await SleeperAsync(client, name, "--rm");
        (await RunAsync(client, "update", "--restart", "always", name)).Failed().Saying("AutoRemove");
    }
}
