using System.Globalization;
using System.Text.Json;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Something runs out or breaks: whoever asks is told what, what runs goes on, and when it is mended all works again. The table is in docs/reliability.md.</summary>
public sealed class FaultTests
{
    [Fact]
    public async Task On_a_full_disk_requests_say_so_and_containers_run_on()
    {
        await using var daemon = await OnDiskAsync("size=64m");
        await daemon.LoadAsync("busybox");
        await using var visitor = await Visitor.StartAsync(daemon);
        (await daemon.SampanAsync("volume", "create", "before")).Succeeded();
        var before = await Inventory.TakeAsync(daemon);
        var filler = Path.Combine(daemon.DataRoot, "filler");
        await Shell.ShAsync($"cat /dev/zero >{filler}");

        // What was made ahead for containers to come has its room.
        var made = new List<string>();
        Outcome created;
        while ((created = await daemon.SampanAsync("create", "busybox", "true")).ExitCode == 0)
        {
            made.Add(created.Lines[0]);
            made.Count.ShouldBeLessThan(100);
        }

        created.Failed().Saying("no space left");
        foreach (var command in new[] { "volume create new", "network create new", "tag busybox new:1", $"load -i {Checkout.Image("busybox")}", "commit served new:1", "rename served other" })
        {
            (await daemon.SampanAsync(command.Split(' '))).Failed().Saying("no space left");
        }

        (await daemon.SampanAsync("exec", "served", "cat", "/w/index.html")).Succeeded("reading needs no room").ShouldBe("page");
        (await daemon.ClientWithInputAsync(Clients.Sampan, "FROM busybox\nRUN head -c 100000 /dev/zero >/file\n", "build", "-")).Failed();
        (await daemon.SampanAsync("system", "check")).Saying("no space left");
        daemon.Log.Split('\n').Where(line => line.TrimStart().StartsWith("at ", StringComparison.Ordinal)).ShouldBeEmpty("a refusal is one line, not a mistake to be looked for");
        await visitor.WasServedThroughoutAsync("a full disk");
        File.Delete(filler);
        if (made.Count > 0)
            (await daemon.SampanAsync(["rm", .. made])).Succeeded();
        (await Inventory.TakeAsync(daemon)).ShouldBe(before);
        (await daemon.SampanAsync("system", "check")).Succeeded();
        (await daemon.SampanAsync("run", "--rm", "busybox", "echo", "room")).Succeeded().ShouldBe("room");
        await daemon.CrashAsync();
        await daemon.StartAgainAsync();
        (await Inventory.TakeAsync(daemon)).ShouldBe(before, "the disk agrees");
    }

    [Fact]
    public async Task On_a_full_disk_what_runs_can_be_ended_and_policies_and_probes_go_on_when_there_is_room()
    {
        await using var daemon = await OnDiskAsync("size=64m");
        await daemon.LoadAsync("busybox");
        await using var visitor = await Visitor.StartAsync(daemon);
        foreach (var name in new[] { "stopped", "killed", "anew", "removed" })
        {
            (await daemon.SampanAsync("run", "-d", "--name", name, "-v", "/data", "busybox", "sleep", "3600")).Succeeded();
        }

        (await daemon.SampanAsync("run", "-d", "--name", "ends", "busybox", "sh", "-c", "trap 'exit 3' USR1; while true; do sleep 0.1; done")).Succeeded();
        (await daemon.SampanAsync("run", "-d", "--name", "again", "--restart", "always", "--label", "io.sampan.restart-delay=0.2", "busybox", "sleep", "1")).Succeeded();
        (await daemon.SampanAsync("run", "-d", "--name", "well", "--tmpfs", "/t", "--health-cmd", "test ! -e /t/ill", "--health-interval", "200ms", "--health-retries", "1", "busybox", "sleep", "3600")).Succeeded();
        await Eventually.HoldsAsync("it is well", async () => await HealthAsync() == "healthy");
        var filler = Path.Combine(daemon.DataRoot, "filler");
        await Shell.ShAsync($"cat /dev/zero >>{filler}");

        (await daemon.SampanAsync("stop", "-t", "0", "stopped")).Succeeded();
        (await daemon.SampanAsync("kill", "killed")).Succeeded();
        var waiting = daemon.SampanAsync("wait", "ends");
        (await daemon.SampanAsync("kill", "-s", "USR1", "ends")).Succeeded();
        (await waiting).Succeeded().ShouldBe("3");
        (await daemon.SampanAsync("restart", "-t", "0", "anew")).Failed().Saying("no space left");
        (await daemon.SampanAsync("exec", "well", "touch", "/t/ill")).Succeeded();
        await Eventually.HoldsAsync("it is ill", async () => await HealthAsync() == "unhealthy");
        await Eventually.HoldsAsync("it cannot be started again", () => daemon.Log.Contains("cannot restart container", StringComparison.Ordinal));
        // The one that is to be started again has exited for a moment between two tries.
        await Eventually.PassesAsync(async () => (await daemon.SampanAsync("ps", "-a", "--filter", "status=exited", "--format", "{{.Names}}")).Lines.Order().ShouldBe(["anew", "ends", "killed", "stopped"]));
        (await daemon.SampanAsync("rm", "-fv", "removed")).Succeeded("it makes room");
        await visitor.WasServedThroughoutAsync("a full disk");

        File.Delete(filler);
        await Eventually.HoldsAsync("the policy starts it again", async () => (await daemon.SampanAsync("inspect", "-f", "{{.State.Running}}", "again")).Text == "true");
        (await daemon.SampanAsync("exec", "well", "rm", "/t/ill")).Succeeded();
        await Eventually.HoldsAsync("it is well again", async () => await HealthAsync() == "healthy");
        (await daemon.SampanAsync("start", "stopped", "killed", "anew")).Succeeded();
        (await daemon.SampanAsync("rm", "-fv", "stopped", "killed", "anew", "again", "well", "ends")).Succeeded();
        await Eventually.HoldsAsync("nothing is left but of the one that is visited", () => Directory.GetDirectories(Path.Combine(daemon.ExecRoot, "containers")).Length == 1);
        (await daemon.SampanAsync("system", "check")).Succeeded();

        async Task<string> HealthAsync() => (await daemon.SampanAsync("inspect", "-f", "{{.State.Health.Status}}", "well")).Succeeded();
    }

    [Fact]
    public async Task On_a_read_only_disk_requests_say_so_and_containers_run_on()
    {
        await using var daemon = await OnDiskAsync("size=64m");
        await daemon.LoadAsync("busybox");
        await using var visitor = await Visitor.StartAsync(daemon);
        var before = await Inventory.TakeAsync(daemon);
        foreach (var name in new[] { "containers", "volumes", "network" })
        {
            var directory = Path.Combine(daemon.DataRoot, name);
            (await Shell.ShAsync($"mount --bind {directory} {directory} && mount -o remount,bind,ro {directory}")).Succeeded();
        }

        foreach (var command in new[] { "create --name new busybox true", "volume create new", "network create new", "rename served other" })
        {
            (await daemon.SampanAsync(command.Split(' '))).Failed().Saying("read-only file system");
        }

        await visitor.WasServedThroughoutAsync("a read-only disk");
        (await Shell.ShAsync($"umount {daemon.DataRoot}/containers {daemon.DataRoot}/volumes {daemon.DataRoot}/network")).Succeeded();
        (await Inventory.TakeAsync(daemon)).ShouldBe(before);
        (await daemon.SampanAsync("run", "--rm", "busybox", "echo", "again")).Succeeded().ShouldBe("again");
    }

    [Theory]
    [InlineData("cat /dev/zero >DATA/filler", "no space left", "rm DATA/filler")]
    [InlineData("mkdir DATA/files; i=0; while : >DATA/files/$i; do i=$((i+1)); done", "no space left", "rm -r DATA/files")]
    [InlineData("mount --bind DATA DATA && mount -o remount,bind,ro DATA", "read-only file system", "mount -o remount,bind,rw DATA")]
    public async Task A_daemon_that_starts_on_a_disk_that_takes_nothing_finds_what_is_there_and_runs(string fault, string refusal, string mend)
    {
        await using var daemon = await OnDiskAsync("size=64m,nr_inodes=2000");
        await daemon.LoadAsync("busybox");
        await using var visitor = await Visitor.StartAsync(daemon);
        (await daemon.SampanAsync("run", "-d", "--name", "ends", "--restart", "on-failure:1000", "busybox", "sh", "-c", "trap 'exit 3' USR1; while true; do sleep 0.1; done")).Succeeded();
        (await daemon.SampanAsync("run", "--name", "over", "busybox", "true")).Succeeded();
        (await daemon.SampanAsync("volume", "create", "before")).Succeeded();
        (await daemon.ClientWithInputAsync(Clients.Sampan, "FROM busybox\nRUN true\n", "build", "-q", "-t", "built", "-")).Succeeded();
        var before = await Inventory.TakeAsync(daemon);
        await Shell.ShAsync(fault.Replace("DATA", daemon.DataRoot, StringComparison.Ordinal));
        await daemon.CrashAsync();

        await daemon.StartAgainAsync();

        (await Inventory.TakeAsync(daemon)).ShouldBe(before);
        (await daemon.SampanAsync("exec", "served", "cat", "/w/index.html")).Succeeded().ShouldBe("page");
        (await daemon.SampanAsync("logs", "served")).Succeeded();
        // What the daemon before had made ahead is cleared away, which makes a little room.
        var made = 0;
        Outcome refused;
        while ((refused = await daemon.SampanAsync("volume", "create", $"new{made}")).ExitCode == 0)
            (++made).ShouldBeLessThan(200);
        refused.Saying(refusal);
        (await daemon.SampanAsync("system", "check")).Saying(refusal);
        (await daemon.SampanAsync("kill", "-s", "USR1", "ends")).Succeeded();
        await Eventually.HoldsAsync("its policy finds that it cannot be started", () => daemon.Log.Contains("cannot restart container", StringComparison.Ordinal));
        await visitor.WasServedThroughoutAsync("a start on a disk that takes nothing");

        (await Shell.ShAsync(mend.Replace("DATA", daemon.DataRoot, StringComparison.Ordinal))).Succeeded();
        await Eventually.HoldsAsync("the policy starts it again", async () => (await daemon.SampanAsync("inspect", "-f", "{{.State.Running}}", "ends")).Text == "true");
        (await daemon.SampanAsync("run", "--rm", "busybox", "echo", "again")).Succeeded().ShouldBe("again");
        (await daemon.SampanAsync("system", "check")).Succeeded();
        daemon.Log.Split('\n').Where(line => line.TrimStart().StartsWith("at ", StringComparison.Ordinal)).ShouldBeEmpty("a refusal is one line");
    }

    [Fact]
    public async Task A_container_out_of_processes_disturbs_nobody()
    {
        await using var daemon = await StartAsync();
        await daemon.LoadAsync("busybox");
        await using var visitor = await Visitor.StartAsync(daemon);
        (await daemon.SampanAsync("run", "-d", "--name", "full", "--pids-limit", "4", "busybox", "sh", "-c", "sleep 3600 & sleep 3600 & sleep 3600 & wait")).Succeeded();
        await Eventually.HoldsAsync("its processes are there", async () => (await daemon.SampanAsync("top", "full")).Lines.Length == 5);

        (await daemon.SampanAsync("exec", "full", "sh", "-c", "sleep 1 & wait")).Saying("resource temporarily unavailable");

        await visitor.WasServedThroughoutAsync("a container out of processes");
        (await daemon.SampanAsync("run", "--rm", "busybox", "echo", "others run")).Succeeded().ShouldBe("others run");
        (await daemon.SampanAsync("rm", "-f", "full")).Succeeded();
    }

    [Fact]
    public async Task Too_little_memory_ends_the_container_and_nobody_else()
    {
        await using var daemon = await StartAsync();
        await daemon.LoadAsync("busybox");
        await using var visitor = await Visitor.StartAsync(daemon);

        (await daemon.SampanAsync("run", "--name", "hungry", "-m", "16m", "--memory-swap", "16m", "busybox", "sh", "-c", "x=a; while true; do x=$x$x; done")).Ended(137);

        (await daemon.SampanAsync("inspect", "-f", "{{.State.OOMKilled}}", "hungry")).Succeeded().ShouldBe("true");
        await visitor.WasServedThroughoutAsync("another's lack of memory");
        (await daemon.SampanAsync("start", "hungry")).Succeeded("it can be started again");
        (await daemon.SampanAsync("wait", "hungry")).Succeeded().ShouldBe("137");
    }

    [Fact]
    public async Task A_killed_supervisor_is_its_containers_end_and_nobody_elses()
    {
        await using var daemon = await StartAsync();
        await daemon.LoadAsync("busybox");
        await using var visitor = await Visitor.StartAsync(daemon);
        (await daemon.SampanAsync("run", "-d", "--name", "again", "--restart", "always", "busybox", "sleep", "3600")).Succeeded();
        var init = (await daemon.SampanAsync("inspect", "-f", "{{.State.Pid}}", "again")).Succeeded();
        var supervisor = (await Shell.ShAsync($"awk '/^PPid/ {{print $2}}' /proc/{init}/status")).Text;

        (await Shell.RunAsync("/bin/kill", ["-9", supervisor])).Succeeded();

        await Eventually.HoldsAsync("its policy starts it again", async () =>
        {
            var (status, body) = await daemon.SendAsync(HttpMethod.Get, "v1.43/containers/again/json");
            status.ShouldBe(200, body);
            using var document = JsonDocument.Parse(body);
            var state = document.RootElement.GetProperty("State");
            return state.GetProperty("Running").GetBoolean() && state.GetProperty("Pid").GetInt32().ToString(CultureInfo.InvariantCulture) != init;
        });
        await Eventually.HoldsAsync("nothing of it is left", () => !Directory.Exists($"/proc/{init}"));
        await visitor.WasServedThroughoutAsync("the end of another's supervisor");
    }

    private static async Task<Daemon> StartAsync()
    {
        if (Environment.UserName != "root")
        {
            Assert.Skip("containers need root");
        }

        return await Daemon.StartAsync();
    }

    // A data root on a small disk of its own; what unmounts it is the daemon's clean-up.
    private static async Task<Daemon> OnDiskAsync(string options)
    {
        var daemon = await StartAsync();
        await daemon.StopAsync();
        (await Shell.RunAsync("mount", ["-t", "tmpfs", "-o", $"{options},mode=700", "sampan-small", daemon.DataRoot])).Succeeded();
        await daemon.StartAgainAsync();
        return daemon;
    }
}
