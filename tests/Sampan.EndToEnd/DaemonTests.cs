using System.Text.Json;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>The daemon's own life: crash, restart, signals, roots, configuration. Each test has its own.</summary>
public sealed class DaemonTests
{
    [Fact]
    public async Task A_killed_daemon_finds_its_containers_undisturbed()
    {
        using var gate = new Scratch();
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        const string UntilTheGateOpens = "while [ ! -e /gate/open ]; do sleep 0.05; done";
        (await daemon.SampanAsync("run", "-d", "--name", "ticking", "busybox", "sh", "-c", "i=0; while [ $i -lt 100000 ]; do echo $i; i=$((i+1)); sleep 0.01; done")).Succeeded();
        (await daemon.SampanAsync("run", "-d", "--name", "ending", "-v", $"{gate.Path}:/gate", "busybox", "sh", "-c", $"{UntilTheGateOpens}; echo last words; exit 17")).Succeeded();
        (await daemon.SampanAsync("run", "-d", "--name", "served", "-p", "80", "busybox", "sh", "-c", "mkdir /w; echo page >/w/index.html; httpd -f -p 80 -h /w")).Succeeded();
        (await daemon.SampanAsync("run", "-d", "--rm", "--name", "selfremoving", "-v", $"{gate.Path}:/gate", "busybox", "sh", "-c", UntilTheGateOpens)).Succeeded();
        var port = (await daemon.SampanAsync("port", "served", "80/tcp")).Lines[0].Split(':')[^1];
        var pid = (await daemon.SampanAsync("inspect", "-f", "{{.State.Pid}}", "ticking")).Succeeded();
        var mortal = (await daemon.SampanAsync("inspect", "-f", "{{.State.Pid}}", "ending", "selfremoving")).Lines;

        await daemon.CrashAsync();
        await File.WriteAllTextAsync(Path.Combine(gate.Path, "open"), "");
        await Eventually.HoldsAsync("two containers ended without a daemon", () => !mortal.Any(one => File.Exists($"/proc/{one}/status")));
        File.Exists($"/proc/{pid}/status").ShouldBeTrue("the container runs on without a daemon");
        await daemon.StartAgainAsync();

        (await daemon.SampanAsync("inspect", "-f", "{{.State.Pid}} {{.State.Status}}", "ticking")).Succeeded().ShouldBe($"{pid} running");
        await Eventually.HoldsAsync("the exit is known", async () => (await daemon.SampanAsync("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "ending")).Text == "exited 17");
        (await daemon.SampanAsync("logs", "ending")).Text.ShouldBe("last words");
        (await daemon.SampanAsync("exec", "ticking", "echo", "reachable")).Succeeded().ShouldBe("reachable");
        (await Shell.RunAsync("curl", ["-sf", "--max-time", "30", $"http://127.0.0.1:{port}/"])).Succeeded("the published port goes on").ShouldBe("page");
        await Eventually.HoldsAsync("the container has removed itself", async () => !(await daemon.SampanAsync("ps", "-a", "--format", "{{.Names}}")).Succeeded().Contains("selfremoving"));

        await Eventually.HoldsAsync("it ticks on", async () => (await daemon.SampanAsync("logs", "ticking")).Lines.Length > 50);
        var numbers = (await daemon.SampanAsync("logs", "ticking")).Lines.Select(int.Parse).ToList();
        numbers.ShouldBe(Enumerable.Range(0, numbers.Count), "no line is missing or doubled");

        (await daemon.SampanAsync("stop", "-t", "0", "ticking")).Succeeded();
        (await daemon.SampanAsync("inspect", "-f", "{{.State.ExitCode}}", "ticking")).Succeeded().ShouldBe("137");
        (await daemon.SampanAsync("start", "ending")).Succeeded();
        (await daemon.SampanAsync("wait", "ending")).Succeeded().ShouldBe("17");
        (await daemon.SampanAsync("run", "--rm", "busybox", "echo", "new ones too")).Succeeded().ShouldBe("new ones too");
    }

    [Fact]
    public async Task Its_types_can_only_be_read()
    {
        await using var daemon = await Daemon.StartAsync();
        var program = new FileInfo($"/proc/{daemon.Pid}/exe").LinkTarget.ShouldNotBeNull();
        Assert.SkipWhen(new FileInfo(program).Length < 8 << 20, "only what is compiled ahead has its types in its file");

        // What precedes them in the row of variables, they themselves, what follows: see scripts/types-apart.
        var permissions = File.ReadLines($"/proc/{daemon.Pid}/maps").Where(line => line.EndsWith(" " + program, StringComparison.Ordinal)).Select(line => line.Split(' ')[1]);
        string.Join(' ', permissions).ShouldEndWith("rw-p r--p rw-p");

        // Whoever packs it may strip it: what lies in no segment would be left out.
        using var packed = new Scratch();
        var stripped = Path.Combine(packed.Path, "sampand");
        (await Shell.RunAsync("strip", ["-o", stripped, program])).Succeeded();
        (await Shell.RunAsync(stripped, ["--version"])).Succeeded().ShouldStartWith("sampand version");
    }

    [Fact]
    public async Task A_terminated_daemon_leaves_its_containers_running()
    {
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        (await daemon.SampanAsync("run", "-d", "--name", "stays", "busybox", "sleep", "3600")).Succeeded();
        var pid = (await daemon.SampanAsync("inspect", "-f", "{{.State.Pid}}", "stays")).Succeeded();

        (await daemon.StopAsync()).ShouldBe(0);
        File.Exists(daemon.Socket).ShouldBeFalse("the socket is gone with the daemon");
        File.Exists($"/proc/{pid}/status").ShouldBeTrue();
        await daemon.StartAgainAsync();

        (await daemon.SampanAsync("inspect", "-f", "{{.State.Status}} {{.State.Pid}}", "stays")).Succeeded().ShouldBe($"running {pid}");
    }

    [Fact]
    public async Task A_supervisor_that_died_is_noticed()
    {
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        (await daemon.SampanAsync("run", "-d", "--name", "orphan", "busybox", "sleep", "3600")).Succeeded();
        var init = (await daemon.SampanAsync("inspect", "-f", "{{.State.Pid}}", "orphan")).Succeeded();
        var supervisor = (await Shell.ShAsync($"awk '/^PPid/ {{print $2}}' /proc/{init}/status")).Text;

        (await Shell.RunAsync("/bin/kill", ["-9", supervisor])).Succeeded();

        await Eventually.HoldsAsync("the container is reported as ended", async () =>
            (await daemon.SampanAsync("inspect", "-f", "{{.State.Running}}", "orphan")).Text == "false");
        await Eventually.HoldsAsync("its process is gone", () => !File.Exists($"/proc/{init}/status"));
        (await daemon.SampanAsync("start", "orphan")).Succeeded("it starts again");
        (await daemon.SampanAsync("rm", "-f", "orphan")).Succeeded();
    }

    [Fact]
    public async Task Two_daemons_with_their_own_roots_know_nothing_of_each_other()
    {
        await using var first = await Daemon.StartAsync();
        await using var second = await Daemon.StartAsync();
        await first.LoadAsync("busybox");
        await second.LoadAsync("busybox");

        (await first.SampanAsync("run", "-d", "--name", "same-name", "busybox", "sleep", "3600")).Succeeded();
        (await second.SampanAsync("run", "-d", "--name", "same-name", "busybox", "sleep", "3600")).Succeeded();
        (await second.SampanAsync("rm", "-f", "same-name")).Succeeded();

        (await first.SampanAsync("ps", "--format", "{{.Names}}")).Lines.ShouldBe(["same-name"]);
        (await second.SampanAsync("ps", "-a", "--format", "{{.Names}}")).Lines.ShouldBeEmpty();
        (await first.SampanAsync("exec", "same-name", "ping", "-c1", "-W30", $"{first.Subnet}.1")).Succeeded();
    }

    [Fact]
    public async Task A_second_daemon_on_the_same_root_says_so_and_ends()
    {
        await using var daemon = await Daemon.StartAsync();

        var second = await Shell.RunAsync(Checkout.Executable("sampand"),
            ["--host", $"unix://{daemon.Root}/second.sock", .. daemon.Arguments.Skip(2)]);

        second.Failed().Saying("already").Saying(daemon.DataRoot);
        (await daemon.SampanAsync("ps")).Succeeded("the first goes on");
    }

    [Fact]
    public async Task Options_come_from_the_configuration_file_too()
    {
        using var scratch = new Scratch();
        var socket = Path.Combine(scratch.Path, "configured.sock");
        var file = Path.Combine(scratch.Path, "daemon.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new Dictionary<string, object>(StringComparer.Ordinal) { ["labels"] = new[] { "colour=green" }, ["debug"] = true }));

        await using var daemon = await Daemon.StartAsync("--config", file);

        (await daemon.SampanAsync("info", "--format", "{{json .Labels}}")).Succeeded().ShouldBe("""["colour=green"]""");
        File.Exists(socket).ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"no-such-key": 1}""", "no-such-key")]
    [InlineData("""{"debug": "perhaps"}""", "debug")]
    [InlineData("""{"debug": """, "daemon.json")]
    public async Task A_wrong_configuration_file_is_refused_by_name(string content, string named)
    {
        using var scratch = new Scratch();
        var file = Path.Combine(scratch.Path, "daemon.json");
        await File.WriteAllTextAsync(file, content);

        var outcome = await Shell.RunAsync(Checkout.Executable("sampand"),
            ["--config", file, "--data-root", $"{scratch.Path}/data", "--exec-root", $"{scratch.Path}/run", "--host", $"unix://{scratch.Path}/s.sock"]);

        outcome.Failed().Saying(named);
    }

    [Theory]
    [InlineData("--no-such-flag")]
    [InlineData("--bip", "not-an-address")]
    [InlineData("--log-level", "chatty")]
    [InlineData("--bridge", "a-name-that-is-too-long-for-a-link")]
    [InlineData("--host", "gopher://x")]
    public async Task A_wrong_option_is_refused_by_name(params string[] arguments)
    {
        using var scratch = new Scratch();

        var outcome = await Shell.RunAsync(Checkout.Executable("sampand"),
            ["--data-root", $"{scratch.Path}/data", "--exec-root", $"{scratch.Path}/run", "--host", $"unix://{scratch.Path}/s.sock", .. arguments]);

        outcome.Failed().Saying(arguments[^1]);
    }

    [Fact]
    public async Task Help_lists_every_option_of_the_contract()
    {
        var help = (await Shell.RunAsync(Checkout.Executable("sampand"), ["--help"])).Succeeded();

        foreach (var option in new[] { "--host", "--data-root", "--exec-root", "--bridge", "--bip", "--log-level", "--config" })
        {
            help.ShouldContain(option);
        }
    }

    [Fact]
    public async Task Containers_neither_gain_privileges_nor_reach_each_other_where_the_daemon_says_so()
    {
        await using var daemon = await Daemon.StartAsync(["--no-new-privileges", "--icc=false"]);
        await daemon.LoadAsync("busybox");
        const string Gains = "grep NoNewPrivs /proc/self/status | cut -f2";

        (await daemon.DockerAsync("run", "--rm", "busybox", "sh", "-c", Gains)).Succeeded().ShouldBe("1");
        (await daemon.DockerAsync("run", "--rm", "--security-opt", "no-new-privileges=false", "busybox", "sh", "-c", Gains)).Succeeded().ShouldBe("0");
        (await daemon.DockerAsync("run", "-d", "--name", "web", "busybox", "sh", "-c", "echo page >/index.html; exec httpd -f -h / -p 80")).Succeeded();
        (await daemon.DockerAsync("exec", "web", "sh", "-c", Gains)).Succeeded().ShouldBe("1");
        var web = (await daemon.DockerAsync("inspect", "-f", "{{.NetworkSettings.IPAddress}}", "web")).Succeeded();
        await Eventually.HoldsAsync("the host reaches it", async () => (await Shell.RunAsync("curl", ["-sf", "--max-time", "30", $"http://{web}/"])).Text == "page");
        (await daemon.DockerAsync("run", "--rm", "busybox", "wget", "-T", "2", "-qO-", $"http://{web}/")).Failed();
        (await daemon.DockerAsync("run", "--rm", "--link", "web", "busybox", "true")).Ended(125).Saying("links are not supported on the default bridge");
        (await daemon.DockerAsync("network", "inspect", "-f", "{{index .Options \"com.docker.network.bridge.enable_icc\"}}", "bridge")).Succeeded().ShouldBe("false");

        var audit = (await daemon.SampanAsync("system", "audit")).Text;
        audit.ShouldContain("[WARN] 2.1 ");
        audit.ShouldNotContain("[WARN] 2.2 ");
        audit.ShouldNotContain("[WARN] 2.14 ");
        await daemon.RemoveAllContainersAsync();
    }

    [Fact]
    public async Task Hangup_reloads_and_disturbs_nothing()
    {
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        (await daemon.SampanAsync("run", "-d", "--name", "calm", "busybox", "sleep", "3600")).Succeeded();

        daemon.Signal(1);
        await Eventually.HoldsAsync("the daemon says that it has read its configuration again", () => daemon.Log.Contains("read the configuration again", StringComparison.Ordinal));

        daemon.IsRunning.ShouldBeTrue(daemon.Log);
        (await daemon.SampanAsync("exec", "calm", "echo", "calm")).Succeeded().ShouldBe("calm");
        await Eventually.PassesAsync(async () =>
            (await daemon.SampanAsync("events", "--since", "1", "--until", $"{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}", "--filter", "type=daemon", "--format", "{{.Action}} {{.Actor.Attributes.debug}} {{.Actor.Attributes.labels}}")).Succeeded().ShouldBe("reload false []"));
    }

    [Fact]
    public async Task A_record_that_was_cut_off_does_not_keep_the_daemon_from_starting()
    {
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        (await daemon.SampanAsync("create", "--name", "whole", "busybox")).Succeeded();
        var damaged = (await daemon.SampanAsync("create", "--name", "damaged", "busybox")).Succeeded();
        await daemon.StopAsync();
        foreach (var record in Directory.EnumerateFiles(Path.Combine(daemon.DataRoot, "containers", damaged), "*.json"))
        {
            await File.WriteAllTextAsync(record, "{\"schema");
        }

        await daemon.StartAgainAsync();

        (await daemon.SampanAsync("ps", "-a", "--format", "{{.Names}}")).Lines.ShouldContain("whole");
        daemon.Log.ShouldContain(damaged[..12]);
    }
}
