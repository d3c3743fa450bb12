using System.Globalization;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Restart policies over restarts of the daemon and of the machine.</summary>
public sealed class RestartRecoveryTests
{
    [Fact]
    public async Task A_new_daemon_starts_what_its_policy_wants()
    {
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        foreach (var (name, policy) in new[] { ("always", "always"), ("unless", "unless-stopped"), ("never", "no") })
            (await daemon.SampanAsync("run", "-d", "--name", name, "--restart", policy, "--stop-signal", "KILL", "busybox", "sleep", "3600")).Succeeded();
        (await daemon.SampanAsync("stop", "always", "unless", "never")).Succeeded();

        await daemon.StopAsync();
        await daemon.StartAgainAsync();

        await Eventually.HoldsAsync("always came back", async () => await StatusAsync(daemon, "always") == "running");
        (await StatusAsync(daemon, "unless")).ShouldBe("exited");
        (await StatusAsync(daemon, "never")).ShouldBe("exited");
    }

    [Fact]
    public async Task After_a_restart_of_the_machine_containers_start_by_their_policies()
    {
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        foreach (var (name, policy) in new[] { ("always", "always"), ("unless", "unless-stopped"), ("failure", "on-failure:3"), ("never", "no"), ("stopped", "unless-stopped") })
            (await daemon.SampanAsync("run", "-d", "--name", name, "--restart", policy, "--stop-signal", "KILL", "busybox", "sleep", "3600")).Succeeded();
        (await daemon.SampanAsync("stop", "stopped")).Succeeded();

        await LoseMachineAsync(daemon);
        await daemon.StartAgainAsync();

        foreach (var name in new[] { "always", "unless", "failure" })
            await Eventually.HoldsAsync($"{name} came back", async () => await StatusAsync(daemon, name) == "running");
        (await daemon.SampanAsync("exec", "always", "echo", "reachable")).Succeeded().ShouldBe("reachable");
        (await daemon.SampanAsync("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "never")).Succeeded().ShouldBe("exited 255");
        (await StatusAsync(daemon, "stopped")).ShouldBe("exited");
    }

    private static async Task<string> StatusAsync(Daemon daemon, string name) => (await daemon.SampanAsync("inspect", "-f", "{{.State.Status}}", name)).Succeeded();

    // What a reset takes: every process, and what is on memory file systems.
    private static async Task LoseMachineAsync(Daemon daemon)
    {
        var pids = (await daemon.SampanAsync("inspect", "-f", "{{.State.Pid}}", "always", "unless", "failure", "never")).Lines;
        await daemon.CrashAsync();
        foreach (var pid in Leftovers.ProcessesOf(daemon.ExecRoot))
            await Shell.RunAsync("/bin/kill", ["-9", pid.ToString(CultureInfo.InvariantCulture)]);
        foreach (var pid in pids)
            await Shell.RunAsync("/bin/kill", ["-9", pid]);
        await Eventually.HoldsAsync("nothing runs", () => Leftovers.ProcessesOf(daemon.ExecRoot).Count == 0 && !pids.Any(pid => Directory.Exists($"/proc/{pid}")));
        foreach (var mount in Census.MountsBelow(daemon.ExecRoot).Reverse())
            (await Shell.RunAsync("umount", ["-l", mount])).Succeeded();
        Directory.Delete(daemon.ExecRoot, recursive: true);
    }
}
