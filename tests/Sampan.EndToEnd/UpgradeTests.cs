using System.Globalization;
using System.Net;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Another program takes the daemon's place while containers run.</summary>
public sealed class UpgradeTests
{
    [Fact]
    public async Task An_upgrade_under_load_fails_no_request()
    {
        using var versions = new Scratch();
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        await daemon.StopAsync();
        daemon.Executable = await InstallAsync(versions, "old");
        await daemon.StartAgainAsync();
        await using var visitor = await Visitor.StartAsync(daemon, atOnce: 4);
        (await daemon.SampanAsync("network", "create", "--ipv6", "six")).Succeeded();
        await using var loopback6 = await Visitor.StartAsync(daemon, "served6", atOnce: 2, network: "six", at: IPAddress.IPv6Loopback);
        var gateway6 = (await daemon.SampanAsync("network", "inspect", "-f", "{{range .IPAM.Config}}{{.Gateway}} {{end}}", "six")).Succeeded().Split(' ')[^1];
        await using var bridge6 = new Visitor(new IPEndPoint(IPAddress.Parse(gateway6), loopback6.Door.Port), atOnce: 2);
        var init = (await daemon.SampanAsync("inspect", "-f", "{{.State.Pid}}", "served")).Succeeded();

        foreach (var version in new[] { "new", "newer" })
        {
            var next = await InstallAsync(versions, version);
            (await daemon.StopAsync()).ShouldBe(0);
            await AreServedAsync("the time without a daemon");
            Directory.Delete(Path.GetDirectoryName(daemon.Executable)!, recursive: true);
            daemon.Executable = next;
            await daemon.StartAgainAsync();
            await AreServedAsync($"the upgrade to the {version} one");

            // The supervisor is the old one, its program is gone from the disk, and it serves the new daemon.
            (await daemon.SampanAsync("inspect", "-f", "{{.State.Pid}}", "served")).Succeeded().ShouldBe(init);
            (await daemon.SampanAsync("exec", "served", "cat", "/w/index.html")).Succeeded().ShouldBe("page");
            (await daemon.SampanAsync("run", "--rm", "busybox", "echo", version)).Succeeded().ShouldBe(version);
        }

        await AreServedAsync("all of it");
        (await daemon.SampanAsync("stop", "-t", "0", "served")).Succeeded();
        (await daemon.SampanAsync("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "served")).Succeeded().ShouldBe("exited 137");

        async Task AreServedAsync(string during)
        {
            await visitor.WasServedThroughoutAsync(during);
            await loopback6.WasServedThroughoutAsync($"{during}, by ::1");
            await bridge6.WasServedThroughoutAsync($"{during}, by the gateway of version 6");
        }
    }

    /// <summary>By name, and by a service's virtual address: what is asked while there is no daemon is answered by the next.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public async Task Containers_find_each_other_by_name_while_the_daemon_is_replaced(bool isOrderly)
    {
        const string Page = "mkdir /w; echo page >/w/index.html; exec httpd -f -p 80 -h /w";
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        (await daemon.SampanAsync("network", "create", "net")).Succeeded();
        var port = FreePort.Next();
        (await daemon.SampanAsync("run", "-d", "--init", "--name", "web", "--network", "net", "-p", $"{port}:80", "busybox", "sh", "-c", Page)).Succeeded();
        (await daemon.SampanAsync("run", "-d", "--init", "--name", "one", "--network", "net", "--network-alias", "front", "--label", "sampan.service=shop", "busybox", "sh", "-c", Page)).Succeeded();
        await Eventually.HoldsAsync("the page is served", async () => (await Shell.RunAsync("curl", ["-sf", "--max-time", "30", $"http://127.0.0.1:{port}/"])).Text == "page");
        await Eventually.HoldsAsync("the other page is served", async () => (await daemon.SampanAsync("exec", "web", "wget", "-qO", "-", "http://front/")).Text == "page");
        await using var visitor = new Visitor(new IPEndPoint(IPAddress.Loopback, port));
        // The second came to its network while it ran.
        (await daemon.SampanAsync("run", "-d", "--init", "--name", "asker", "--network", "net", "busybox", "sh", "-c", Asking)).Succeeded();
        (await daemon.SampanAsync("run", "-d", "--init", "--name", "late", "busybox", "sh", "-c", $"until nslookup front 127.0.0.11; do sleep 0.1; done; {Asking}")).Succeeded();
        (await daemon.SampanAsync("network", "connect", "net", "late")).Succeeded();
        await AreServedAsync("the beginning");
        var pid = (await daemon.SampanAsync("inspect", "-f", "{{.State.Pid}}", "asker")).Succeeded();

        for (var time = 0; time < 2; time++)
        {
            if (isOrderly)
            {
                (await daemon.StopAsync()).ShouldBe(0);
            }
            else
            {
                await daemon.CrashAsync();
            }

            // A question that is surely asked while there is no daemon waits for the next one.
            var question = Shell.RunAsync("nsenter", ["-t", pid, "-m", "-n", "/bin/busybox", "wget", "-qO", "-", "http://front/"]);
            await Eventually.HoldsAsync("a question waits", () => question.IsCompleted || File.ReadLines($"/proc/{pid}/net/udp").Skip(1).Any(socket => !socket.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4].EndsWith(":00000000", StringComparison.Ordinal)));
            question.IsCompleted.ShouldBeFalse("nobody has answered");
            await visitor.WasServedThroughoutAsync("the time without a daemon");
            await daemon.StartAgainAsync();
            (await question).Succeeded().ShouldBe("page");
            await AreServedAsync("the restart");
        }

        async Task AreServedAsync(string during)
        {
            await visitor.WasServedThroughoutAsync(during);
            foreach (var name in new[] { "asker", "late" })
            {
                var before = (await daemon.SampanAsync("logs", name)).Lines.Length;
                await Eventually.HoldsAsync($"'{name}' asks on during {during}", async () => (await daemon.SampanAsync("logs", name)).Lines.Length > before + 3);
                (await daemon.SampanAsync("logs", name)).Lines.ShouldNotContain("failed", during);
            }
        }
    }

    [Fact]
    public async Task What_the_daemon_was_in_the_middle_of_goes_on_with_the_next()
    {
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        (await daemon.SampanAsync("run", "-d", "--name", "again", "--restart", "always", "--label", "io.sampan.restart-delay=0.2", "busybox", "false")).Succeeded();
        (await daemon.SampanAsync("run", "-d", "--name", "probed", "--health-cmd", "touch /probing; until [ -e /well ]; do sleep 0.02; done", "--health-interval", "100ms", "busybox", "sleep", "3600")).Succeeded();
        // Its first process ignores SIGTERM.
        (await daemon.SampanAsync("run", "-d", "--name", "stopping", "--stop-timeout", "1", "busybox", "sleep", "3600")).Succeeded();
        (await daemon.SampanAsync("run", "-d", "--name", "talks", "busybox", "sh", "-c", "i=0; while :; do echo $i; i=$((i+1)); sleep 0.02; done")).Succeeded();
        await Eventually.HoldsAsync("a probe is on its way", async () => (await daemon.SampanAsync("exec", "probed", "test", "-e", "/probing")).ExitCode == 0);
        await Eventually.HoldsAsync("it is started again and again", async () => await RestartsAsync() > 0);
        await using var shell = Terminal.Start(Clients.Path(Clients.Sampan), ["exec", "-it", "talks", "sh", "-c", "echo in; sleep 3600"], daemon.ClientEnvironment);
        await shell.ShowsAsync("in");
        var following = daemon.SampanAsync("logs", "-f", "talks");
        var attached = daemon.SampanAsync("attach", "--no-stdin", "talks");
        var stop = daemon.SampanAsync("stop", "stopping");
        await Eventually.HoldsAsync("the stop is on its way", async () => (await daemon.SampanAsync("events", "--since", "1h", "--until", DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), "--filter", "event=kill")).Succeeded().Contains("name=stopping", StringComparison.Ordinal));

        (await daemon.StopAsync()).ShouldBe(0);
        await daemon.StartAgainAsync();

        // Their clients have ended, their processes have not.
        await Task.WhenAll(following, attached, stop);
        (await daemon.SampanAsync("top", "talks")).Succeeded().ShouldContain("sleep 3600");
        await Eventually.HoldsAsync("the stop is done", async () => (await daemon.SampanAsync("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "stopping")).Succeeded() == "exited 137");
        var restarts = await RestartsAsync();
        await Eventually.HoldsAsync("it is started again and again by the next daemon", async () => await RestartsAsync() > restarts);
        (await daemon.SampanAsync("exec", "probed", "touch", "/well")).Succeeded();
        await Eventually.HoldsAsync("it is well", async () => (await daemon.SampanAsync("inspect", "-f", "{{.State.Health.Status}}", "probed")).Succeeded() == "healthy");
        var lines = (await daemon.SampanAsync("logs", "talks")).Lines;
        lines.ShouldBe(Enumerable.Range(0, lines.Length).Select(number => number.ToString(CultureInfo.InvariantCulture)), "no line is missing or doubled");

        async Task<int> RestartsAsync() => int.Parse((await daemon.SampanAsync("inspect", "-f", "{{.RestartCount}}", "again")).Succeeded(), CultureInfo.InvariantCulture);
    }

    // What a program with Debian's resolver would do, too: once, and no second time.
    private const string Asking = "while :; do if [ \"$(wget -qO - http://front/)$(wget -qO - http://web/)\" = pagepage ]; then echo served; else echo failed; fi; sleep 0.05; done";

    // Copies, so that an upgrade may remove the files of the one before.
    private static async Task<string> InstallAsync(Scratch versions, string version)
    {
        var directory = Directory.CreateDirectory(Path.Combine(versions.Path, version)).FullName;
        foreach (var name in new[] { "sampand", "sampan-runtime" })
        {
            (await Shell.RunAsync("cp", [Checkout.Executable(name), Path.Combine(directory, name)])).Succeeded();
        }

        return Path.Combine(directory, "sampand");
    }
}
