using System.Text.Json;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

public sealed class LifecycleTests(SharedEngine engine) : EngineTest(engine)
{
    [Theory, MemberData(nameof(Both))]
    public async Task Run_prints_the_output_and_ends_with_the_containers_code(string client)
    {
        var outcome = (await RunAsync(client, "run", "--rm", "busybox", "sh", "-c", "echo out; echo err >&2; exit 42")).Ended(42);

        outcome.Stdout.ShouldBe("out\n");
        outcome.Stderr.ShouldBe("err\n");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Run_passes_standard_input_to_its_end(string client)
        => (await Daemon.ClientWithInputAsync(client, "one\ntwo\n", "run", "--rm", "-i", "busybox", "wc", "-l")).Succeeded().ShouldBe("2");

    [Theory, MemberData(nameof(Both))]
    public async Task A_large_stream_passes_both_ways_unharmed(string client)
    {
        var bytes = new byte[8_000_000];
        new Random(7).NextBytes(bytes);
        var expected = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));

        (await Daemon.ClientWithBytesAsync(client, bytes, "run", "--rm", "-i", "busybox", "sha256sum")).Succeeded().ShouldStartWith(expected);
        (await BusyboxAsync(client, "head -c 8000000 /dev/zero | tr '\\0' x")).Length.ShouldBe(8_000_000);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Create_start_wait_rm_go_one_by_one(string client)
    {
        var name = NewName("steps");
        var id = (await RunAsync(client, "create", "--name", name, "busybox", "sh", "-c", "sleep 0.2; exit 3")).Succeeded();
        id.ShouldMatch("^[0-9a-f]{64}$");
        (await InspectAsync(client, name, "{{.State.Status}}")).ShouldBe("created");

        (await RunAsync(client, "start", name)).Succeeded().ShouldBe(name);
        (await RunAsync(client, "wait", name)).Succeeded().ShouldBe("3");

        (await InspectAsync(client, name, "{{.State.Status}} {{.State.ExitCode}} {{.State.Running}} {{.State.Pid}}")).ShouldBe("exited 3 false 0");
        (await RunAsync(client, "rm", name)).Succeeded().ShouldBe(name);
        (await RunAsync(client, "inspect", name)).Ended(1).Saying($"No such object: {name}");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_stopped_container_starts_again_with_what_it_wrote(string client)
    {
        var name = NewName("again");
        (await RunAsync(client, "run", "--name", name, "busybox", "sh", "-c", "echo run >>/count; wc -l </count")).Succeeded().ShouldBe("1");

        (await RunAsync(client, "start", "-a", name)).Succeeded().ShouldBe("2");
        (await RunAsync(client, "start", "-a", name)).Succeeded().ShouldBe("3");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_write_stays_in_its_container(string client)
    {
        var first = NewName("first");
        var second = NewName("second");
        await SleeperAsync(client, first);
        await SleeperAsync(client, second);

        (await RunAsync(client, "exec", first, "sh", "-c", "echo changed >/etc/passwd; rm /bin/vi; echo new >/new")).Succeeded();

        (await RunAsync(client, "exec", second, "sh", "-c", "head -1 /etc/passwd; ls /bin/vi; ls /new 2>/dev/null | wc -l")).Lines
            .ShouldBe(["root:x:0:0:root:/root:/bin/sh", "/bin/vi", "0"]);
        (await BusyboxAsync(client, "head -1 /etc/passwd")).ShouldBe("root:x:0:0:root:/root:/bin/sh");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Run_takes_environment_directory_user_entrypoint_hostname_and_labels(string client)
    {
        (await BusyboxAsync(client, "echo $A $B; pwd; id -u; id -g; hostname",
            "-e", "A=1", "-e", "B=two words", "-w", "/made/for/it", "-u", "www-data", "--hostname", "boat")).Split('\n')
            .ShouldBe(["1 two words", "/made/for/it", "33", "33", "boat"]);
        (await RunAsync(client, "run", "--rm", "-u", "1000:2000", "busybox", "id")).Succeeded().ShouldBe("uid=1000 gid=2000 groups=2000");
        (await RunAsync(client, "run", "--rm", "--entrypoint", "echo", "busybox", "entry", "point")).Succeeded().ShouldBe("entry point");

        var name = NewName("labelled");
        (await RunAsync(client, "create", "--name", name, "--label", "a=1", "--label", "b", "busybox")).Succeeded();
        (await InspectAsync(client, name, "{{json .Config.Labels}}")).ShouldBe("""{"a":"1","b":""}""");
        (await RunAsync(client, "ps", "-aq", "--no-trunc", "--filter", "label=a=1")).Lines.Length.ShouldBe(1);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Ps_lists_running_containers_and_with_a_all(string client)
    {
        var running = NewName("running");
        var ended = NewName("ended");
        await SleeperAsync(client, running);
        (await RunAsync(client, "run", "--name", ended, "busybox", "sh", "-c", "exit 9")).Ended(9);

        var table = (await RunAsync(client, "ps")).Succeeded().Split('\n');
        table[0].ShouldMatch(@"^CONTAINER ID\s+IMAGE\s+COMMAND\s+CREATED\s+STATUS\s+PORTS\s+NAMES\s*$");
        table.ShouldContain(line => line.Contains(running) && line.Contains("\"sleep 3600\"") && line.Contains("Up "));
        table.ShouldNotContain(line => line.Contains(ended));
        (await RunAsync(client, "ps", "-a", "--format", "{{.Names}} {{.Status}}")).Lines.ShouldContain(line => line.StartsWith($"{ended} Exited (9)"));
        (await RunAsync(client, "ps", "-a", "--filter", "status=exited", "--filter", $"name={ended}", "--format", "{{.Names}}")).Lines.ShouldBe([ended]);
        (await RunAsync(client, "ps", "-q", "--filter", $"name={running}")).Text.ShouldMatch("^[0-9a-f]{12}$");
        (await RunAsync(client, "ps", "-q", "--no-trunc", "--filter", $"name={running}")).Text.ShouldMatch("^[0-9a-f]{64}$");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Stop_sends_the_term_signal_and_kills_after_the_timeout(string client)
    {
        var polite = NewName("polite");
        var stubborn = NewName("stubborn");
        (await RunAsync(client, "run", "-d", "--name", polite, "busybox", "sh", "-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done")).Succeeded();
        (await RunAsync(client, "run", "-d", "--name", stubborn, "busybox", "sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done")).Succeeded();
        foreach (var name in new[] { polite, stubborn })
        {
            await Eventually.HoldsAsync($"{name} has set its trap", async () => (await RunAsync(client, "logs", name)).Stdout.Contains("ready"));
        }

        (await RunAsync(client, "stop", "-t", "60", polite)).Succeeded().ShouldBe(polite);
        (await RunAsync(client, "stop", "-t", "1", stubborn)).Succeeded().ShouldBe(stubborn);

        (await InspectAsync(client, polite, "{{.State.ExitCode}}")).ShouldBe("7");
        (await InspectAsync(client, stubborn, "{{.State.ExitCode}}")).ShouldBe("137");
        (await RunAsync(client, "stop", polite)).Succeeded("stopping twice is no error");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Kill_sends_the_named_signal(string client)
    {
        var name = NewName("killed");
        (await RunAsync(client, "run", "-d", "--name", name, "busybox", "sh", "-c", "trap 'echo usr1' USR1; echo ready; while :; do sleep 0.05; done")).Succeeded();
        await Eventually.HoldsAsync("the trap is set", async () => (await RunAsync(client, "logs", name)).Stdout.Contains("ready"));

        (await RunAsync(client, "kill", "-s", "USR1", name)).Succeeded().ShouldBe(name);
        await Eventually.HoldsAsync("the trap ran", async () => (await RunAsync(client, "logs", name)).Stdout.Contains("usr1"));
        (await RunAsync(client, "kill", name)).Succeeded();

        (await RunAsync(client, "wait", name)).Succeeded().ShouldBe("137");
        (await RunAsync(client, "kill", name)).Ended(1).Saying("is not running");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Restart_gives_a_new_process_and_keeps_the_files(string client)
    {
        var name = NewName("restarted");
        await SleeperAsync(client, name);
        (await RunAsync(client, "exec", name, "touch", "/kept")).Succeeded();
        var before = await InspectAsync(client, name, "{{.State.Pid}}");

        (await RunAsync(client, "restart", "-t", "0", name)).Succeeded().ShouldBe(name);

        (await InspectAsync(client, name, "{{.State.Pid}}")).ShouldNotBe(before);
        (await RunAsync(client, "exec", name, "ls", "/kept")).Succeeded().ShouldBe("/kept");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Pause_freezes_and_unpause_goes_on(string client)
    {
        var name = NewName("paused");
        (await RunAsync(client, "run", "-d", "--name", name, "busybox", "sh", "-c", "while :; do date +%N >/tick; sleep 0.02; done")).Succeeded();
        await Eventually.HoldsAsync("it ticks", async () => (await RunAsync(client, "exec", name, "cat", "/tick")).ExitCode == 0);

        (await RunAsync(client, "pause", name)).Succeeded().ShouldBe(name);
        (await InspectAsync(client, name, "{{.State.Status}} {{.State.Paused}} {{.State.Running}}")).ShouldBe("paused true true");
        (await RunAsync(client, "exec", name, "true")).Failed().Saying("is paused");
        (await RunAsync(client, "unpause", name)).Succeeded().ShouldBe(name);

        (await InspectAsync(client, name, "{{.State.Status}}")).ShouldBe("running");
        (await RunAsync(client, "exec", name, "true")).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Rm_refuses_a_running_container_unless_forced(string client)
    {
        var name = NewName("forced");
        await SleeperAsync(client, name);

        (await RunAsync(client, "rm", name)).Ended(1).Saying("container is running").Saying("force");
        (await RunAsync(client, "rm", "-f", name)).Succeeded().ShouldBe(name);
        (await RunAsync(client, "ps", "-aq", "--filter", $"name={name}")).Text.ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Rename_changes_the_name_and_frees_the_old_one(string client)
    {
        var old = NewName("old");
        var fresh = NewName("fresh");
        await SleeperAsync(client, old);

        (await RunAsync(client, "rename", old, fresh)).Succeeded();

        (await InspectAsync(client, fresh, "{{.Name}}")).ShouldBe($"/{fresh}");
        (await RunAsync(client, "create", "--name", old, "busybox")).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Top_shows_the_processes_with_the_hosts_numbers(string client)
    {
        var name = NewName("topped");
        await SleeperAsync(client, name);

        var top = (await RunAsync(client, "top", name)).Succeeded().Split('\n');

        top[0].ShouldMatch(@"^UID\s+PID\s+PPID\s+C\s+STIME\s+TTY\s+TIME\s+CMD\s*$");
        var pid = await InspectAsync(client, name, "{{.State.Pid}}");
        top.ShouldContain(line => line.Contains("sleep 3600") && line.Contains($" {pid} "));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Init_reaps_and_forwards_signals(string client)
    {
        var name = NewName("init");
        (await RunAsync(client, "run", "-d", "--init", "--name", name, "busybox", "sleep", "3600")).Succeeded();

        (await RunAsync(client, "exec", name, "sh", "-c", "(sleep 0.05 &)")).Succeeded();
        await Eventually.HoldsAsync("the orphan has ended and was reaped", async () => (await RunAsync(client, "exec", name, "ps")) is { ExitCode: 0 } ps && !ps.Stdout.Contains("[sleep]") && !ps.Stdout.Contains("sleep 0.05"));
        (await RunAsync(client, "exec", name, "cat", "/proc/1/comm")).Text.ShouldNotBe("sleep");
        (await RunAsync(client, "stop", "-t", "60", name)).Succeeded();

        (await InspectAsync(client, name, "{{.State.ExitCode}}")).ShouldBe("143");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Info_and_version_describe_the_engine(string client)
    {
        using var info = JsonDocument.Parse((await RunAsync(client, "info", "--format", "{{json .}}")).Succeeded());
        foreach (var field in new[] { "Containers", "Images", "ServerVersion", "Driver", "KernelVersion", "NCPU", "MemTotal", "OperatingSystem", "Architecture" })
        {
            info.RootElement.TryGetProperty(field, out _).ShouldBeTrue(field);
        }

        info.RootElement.GetProperty("NCPU").GetInt32().ShouldBe(Environment.ProcessorCount);
        info.RootElement.GetProperty("KernelVersion").GetString().ShouldBe((await Shell.RunAsync("uname", ["-r"])).Text);
        (await RunAsync(client, "info")).Succeeded().ShouldContain("Storage Driver:");
        (await RunAsync(client, "version", "--format", "{{.Server.Os}}")).Succeeded().ShouldBe("linux");
    }
}
