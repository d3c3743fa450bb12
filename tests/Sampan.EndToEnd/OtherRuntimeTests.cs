using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Containers that another OCI runtime makes: <c>run --runtime NAME</c>. One is sampan-runtime by its runc-like commands, the others those of this machine.</summary>
public sealed class OtherRuntimeTests(SharedEngine engine) : EngineTest(engine)
{
    public static TheoryData<string> Runtimes => ["other", "runc"];

    [Theory, MemberData(nameof(Runtimes))]
    public async Task Output_exit_code_and_limits_are_as_with_the_engines_own(string runtime)
    {
        Require(runtime);
        (await BusyboxAsync(Clients.Docker, "echo out; hostname; id -u; cat /proc/self/oom_score_adj; grep -c Seccomp:.2 /proc/self/status; cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes", "--runtime", runtime, "--hostname", "box", "--oom-score-adj", "500", "--memory", "32m"))
            .Split('\n').ShouldBe(["out", "box", "0", "500", "1", "33554432"]);
        (await RunAsync(Clients.Sampan, "run", "--rm", "--runtime", runtime, "busybox", "sh", "-c", "echo err >&2; exit 7")).Ended(7).Stderr.ShouldBe("err\n");
        (await RunAsync(Clients.Docker, "run", "--rm", "--runtime", runtime, "busybox", "no-such-program")).Ended(127).Saying("no-such-program");
    }

    [Theory, MemberData(nameof(Runtimes))]
    public async Task A_whole_life_goes_through_it(string runtime)
    {
        Require(runtime);
        var name = NewName("elsewhere");
        (await RunAsync(Clients.Docker, "run", "-d", "--runtime", runtime, "--name", name, "busybox", "sh", "-c", "trap 'echo asked; exit 3' TERM; echo ready; while true; do sleep 1; done")).Succeeded();
        await Eventually.HoldsAsync("its output is in the log", async () => (await RunAsync(Clients.Docker, "logs", name)).Text.Contains("ready", StringComparison.Ordinal));

        (await InspectAsync(Clients.Docker, name, "{{.HostConfig.Runtime}} {{.State.Status}}")).ShouldBe($"{runtime} running");
        (await RunAsync(Clients.Docker, "exec", name, "sh", "-c", "echo entered; readlink /proc/self/ns/pid; readlink /proc/1/ns/pid")).Succeeded().Split('\n')[1..].Distinct().Count().ShouldBe(1);
        (await RunAsync(Clients.Docker, "top", name)).Succeeded().ShouldContain("trap");
        (await RunAsync(Clients.Docker, "pause", name)).Succeeded();
        (await InspectAsync(Clients.Docker, name, "{{.State.Status}}")).ShouldBe("paused");
        (await RunAsync(Clients.Docker, "unpause", name)).Succeeded();
        (await RunAsync(Clients.Docker, "update", "--memory", "64m", "--memory-swap", "64m", name)).Succeeded();
        (await RunAsync(Clients.Docker, "stop", "-t", "60", name)).Succeeded();
        (await InspectAsync(Clients.Docker, name, "{{.State.ExitCode}}")).ShouldBe("3");
        (await RunAsync(Clients.Docker, "logs", name)).Text.ShouldEndWith("asked");
        (await RunAsync(Clients.Docker, "start", name)).Succeeded();
        (await RunAsync(Clients.Docker, "rm", "-f", name)).Succeeded();
    }

    [Theory, MemberData(nameof(Runtimes))]
    public async Task It_gets_a_terminal(string runtime)
    {
        Require(runtime);
        await using var terminal = Terminal.Start(Clients.Path(Clients.Docker), ["run", "--rm", "-it", "--runtime", runtime, "busybox", "sh", "-c", "tty; read a; echo got $a"], Daemon.ClientEnvironment);

        await terminal.ShowsAsync("/dev/");
        await terminal.TypeAsync("words\n");
        await terminal.ShowsAsync("got words");
        (await terminal.EndAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task What_only_the_engines_own_runtime_does_is_refused_by_name()
    {
        (await RunAsync(Clients.Docker, "run", "--rm", "--init", "--runtime", "other", "busybox", "true")).Ended(125).Saying("cannot do an init process (--init)");
        (await RunAsync(Clients.Docker, "run", "--rm", "--runtime", "nowhere", "busybox", "true")).Ended(125).Saying("unknown or invalid runtime name: nowhere: known are");
        (await RunAsync(Clients.Docker, "info", "-f", "{{json .Runtimes}} {{.DefaultRuntime}}")).Succeeded().ShouldSatisfyAllConditions(info => info.ShouldContain("\"other\":{\"path\":"), info => info.ShouldEndWith("sampan-runtime"));
    }

    private static void Require(string runtime)
    {
        if (runtime != "other" && Shell.Find(runtime) is null)
            Assert.Skip($"{runtime} is not installed on this machine");
    }
}
