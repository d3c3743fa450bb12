using System.Globalization;
using System.Text.Json.Nodes;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Managed plugins, with docker's client and ours: made, installed, set, enabled, used, upgraded, removed.</summary>
public sealed class PluginTests
{
    [Theory, MemberData(nameof(Clients.Both), MemberType = typeof(Clients))]
    public async Task A_volume_plugin_serves_containers_whatever_happens_to_the_daemon(string client)
    {
        using var scratch = new Scratch();
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        var nothing = await Census.TakeAsync(daemon);
        (await daemon.ClientAsync(client, "plugin", "create", "test/volumes", ManagedPlugin.Make(Path.Combine(scratch.Path, "plugin")))).Succeeded().ShouldBe("test/volumes");
        (await daemon.ClientAsync(client, "plugin", "ls", "--format", "{{.Name}} {{.Description}} {{json .Enabled}}")).Succeeded().ShouldBe("test/volumes:latest volumes of the tests false");
        (await daemon.ClientAsync(client, "volume", "create", "-d", "test/volumes", "vol")).Ended(1).Saying("plugin test/volumes:latest found but disabled");
        (await daemon.ClientAsync(client, "plugin", "set", "test/volumes", "GREETING=welcome")).Succeeded();
        (await daemon.ClientAsync(client, "plugin", "set", "test/volumes", "FIXED=no")).Ended(1).Saying("\"FIXED\" is not settable");

        (await daemon.ClientAsync(client, "plugin", "enable", "test/volumes")).Succeeded();
        try
        {
            (await daemon.ClientAsync(client, "plugin", "enable", "test/volumes")).Ended(1).Saying("plugin already enabled");
            (await daemon.ClientAsync(client, "plugin", "set", "test/volumes", "GREETING=late")).Ended(1).Saying("cannot set on an active plugin, disable plugin before setting");
            (await daemon.ClientAsync(client, "info", "--format", "{{.Plugins.Volume}}")).Succeeded().ShouldContain("test/volumes:latest");
            (await daemon.ClientAsync(client, "volume", "create", "-d", "test/volumes:latest", "vol")).Succeeded();
            (await daemon.ClientAsync(client, "run", "-d", "--name", "user", "-v", "vol:/m", "busybox", "sleep", "3600")).Succeeded();
            (await daemon.ClientAsync(client, "exec", "user", "sh", "-c", "cat /m/greeting; echo kept >/m/kept")).Succeeded().ShouldBe("welcome");

            await daemon.CrashAsync();
            await daemon.StartAgainAsync();

            (await daemon.ClientAsync(client, "exec", "user", "cat", "/m/kept")).Succeeded().ShouldBe("kept");
            Starts(daemon).ShouldBe(1);
            (await daemon.ClientAsync(client, "run", "--rm", "-v", "vol:/m", "busybox", "cat", "/m/kept")).Succeeded().ShouldBe("kept");
            (await daemon.ClientAsync(client, "plugin", "disable", "test/volumes")).Ended(1).Saying("is in use");
            (await daemon.ClientAsync(client, "plugin", "rm", "test/volumes")).Ended(1).Saying("is in use");
            (await daemon.ClientAsync(client, "rm", "-f", "user")).Succeeded();
            (await daemon.ClientAsync(client, "volume", "rm", "vol")).Succeeded();
            (await daemon.ClientAsync(client, "plugin", "rm", "test/volumes")).Ended(1).Saying("plugin test/volumes:latest is enabled");
            (await daemon.ClientAsync(client, "plugin", "disable", "test/volumes")).Succeeded();
            Census.MountsBelow(daemon.Root).ShouldBeEmpty();
            (await daemon.SampanAsync("system", "check")).Succeeded();
        }
        finally
        {
            await daemon.SampanAsync("plugin", "rm", "-f", "test/volumes");
        }

        await Census.ReturnsToAsync(daemon, nothing);
        (await daemon.SampanAsync("events", "--since", "1h", "--until", Now(), "--filter", "type=plugin", "--format", "{{.Action}}")).Lines.ShouldBe(["disable", "remove"], "those before were another daemon's");
    }

    [Theory, MemberData(nameof(Clients.Both), MemberType = typeof(Clients))]
    public async Task A_plugin_is_pushed_installed_with_consent_and_upgraded_with_consent_again(string client)
    {
        using var scratch = new Scratch();
        await using var registry = await OwnRegistry.StartAsync("--root", Path.Combine(scratch.Path, "registry"));
        await using var daemon = await Daemon.StartAsync();
        var (one, two) = ($"{registry.Host}/test/volumes:v1", $"{registry.Host}/test/volumes:v2");
        foreach (var (name, change) in new (string, Action<JsonObject>?)[] { (one, null), (two, config => (config["description"], config["pidhost"]) = ("newer", true)) })
        {
            (await daemon.ClientAsync(client, "plugin", "create", name, ManagedPlugin.Make(Path.Combine(scratch.Path, name[^2..]), change))).Succeeded();
            (await daemon.ClientAsync(client, "plugin", "push", name)).Succeeded().ShouldContain("digest: sha256:");
            (await daemon.ClientAsync(client, "plugin", "rm", name)).Succeeded();
        }

        try
        {
            var refused = await daemon.ClientWithInputAsync(client, "n\n", "plugin", "install", "--alias", "mine", one);
            refused.Ended(1).Saying("requesting the following privileges").Saying("capabilities: [CAP_SYS_ADMIN]");
            (await daemon.ClientAsync(client, "plugin", "ls", "-q")).Succeeded().ShouldBe("");

            (await daemon.ClientWithInputAsync(client, "y\n", "plugin", "install", "--alias", "mine", one, "GREETING=installed")).Succeeded();
            (await daemon.ClientAsync(client, "plugin", "inspect", "-f", "{{.Name}} {{.Enabled}} {{index .Settings.Env 0}}", "mine")).Succeeded().ShouldBe("mine:latest true GREETING=installed");
            (await daemon.ClientAsync(client, "plugin", "install", "--grant-all-permissions", "--alias", "mine", one)).Ended(1).Saying("plugin mine:latest already exists");
            (await daemon.ClientAsync(client, "plugin", "upgrade", "--grant-all-permissions", "mine", two)).Ended(1).Saying("must be disabled before upgrading");

            (await daemon.ClientAsync(client, "plugin", "disable", "mine")).Succeeded();
            (await daemon.ClientWithInputAsync(client, "n\n", "plugin", "upgrade", "--skip-remote-check", "mine", two)).Ended(1).Saying("host pid namespace: [true]");
            (await daemon.ClientAsync(client, "plugin", "inspect", "-f", "{{.Config.Description}}", "mine")).Succeeded().ShouldBe("volumes of the tests");
            (await daemon.ClientWithInputAsync(client, "y\n", "plugin", "upgrade", "--skip-remote-check", "mine", two)).Succeeded();
            (await daemon.ClientAsync(client, "plugin", "inspect", "-f", "{{.Config.Description}} {{index .Settings.Env 0}}", "mine")).Succeeded().ShouldBe("newer GREETING=installed");
            (await daemon.ClientAsync(client, "plugin", "enable", "mine")).Succeeded();

            // The consent is the engine's to ask for, whatever a client says.
            var (status, body) = await daemon.SendAsync(HttpMethod.Post, $"v1.43/plugins/pull?remote={one}&name=other", "[]");
            status.ShouldBe(400, body);
            body.ShouldContain("incorrect privileges");
            (await daemon.SampanAsync("image", "prune", "-af")).Succeeded();
            (await daemon.SampanAsync("system", "check", "--repair")).Succeeded();
            (await daemon.ClientAsync(client, "plugin", "ls", "--filter", "enabled=true", "--filter", "capability=volumedriver", "--format", "{{.Name}}")).Succeeded().ShouldBe("mine:latest");
            (await daemon.ClientAsync(client, "plugin", "ls", "--filter", "capability=authz", "-q")).Succeeded().ShouldBe("");
        }
        finally
        {
            await daemon.SampanAsync("plugin", "rm", "-f", "mine");
        }
    }

    [Fact]
    public async Task A_plugin_that_does_not_come_up_says_why_and_leaves_nothing()
    {
        using var scratch = new Scratch();
        await using var daemon = await Daemon.StartAsync();
        var nothing = await Census.TakeAsync(daemon);
        (await daemon.SampanAsync("plugin", "create", "test/p", ManagedPlugin.Make(Path.Combine(scratch.Path, "plugin"), config => config["mounts"] = JsonNode.Parse(
            """[{ "name": "state", "type": "bind", "destination": "/state", "options": ["rbind", "ro"], "settable": ["source"] }]""")))).Succeeded();

        (await daemon.SampanAsync("plugin", "enable", "test/p")).Ended(1).Saying("mount source is not specified");
        (await daemon.SampanAsync("plugin", "set", "test/p", "state.source=../etc")).Ended(1).Saying("expected an absolute path");
        (await daemon.SampanAsync("plugin", "set", "test/p", "state.source=/no/such/place")).Succeeded();
        (await daemon.SampanAsync("plugin", "enable", "test/p")).Ended(1).Saying("'/no/such/place' is not on this host");
        (await daemon.SampanAsync("plugin", "set", "test/p", $"state={scratch.Path}", "REFUSE=no licence")).Succeeded();
        (await daemon.SampanAsync("plugin", "enable", "test/p")).Ended(1).Saying("its program ended with code 3, its last words were 'no licence'");
        (await daemon.SampanAsync("plugin", "set", "test/p", "REFUSE=", "MUTE=1")).Succeeded();
        (await daemon.DockerAsync("plugin", "enable", "--timeout", "1", "test/p")).Ended(1).Saying("within 1 s nobody listened on its socket 'plugin.sock'");

        (await daemon.SampanAsync("plugin", "ls", "--format", "{{.Enabled}}")).Succeeded().ShouldBe("false");
        Census.MountsBelow(daemon.Root).ShouldBeEmpty();
        Leftovers.ProcessesOf(daemon.ExecRoot).ShouldBe([daemon.Pid]);
        (await daemon.SampanAsync("plugin", "rm", "test/p")).Succeeded();
        await Census.ReturnsToAsync(daemon, nothing);
    }

    [Fact]
    public async Task An_enabled_plugin_comes_back_after_its_death_and_after_the_machines_before_containers_need_it()
    {
        using var scratch = new Scratch();
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        (await daemon.SampanAsync("plugin", "create", "test/p", ManagedPlugin.Make(Path.Combine(scratch.Path, "plugin")))).Succeeded();
        (await daemon.SampanAsync("plugin", "enable", "test/p")).Succeeded();
        try
        {
            (await daemon.SampanAsync("volume", "create", "-d", "test/p", "vol")).Succeeded();
            (await daemon.SampanAsync("run", "-d", "--name", "user", "--restart", "always", "-v", "vol:/m", "busybox", "sleep", "3600")).Succeeded();

            await KillAsync(PluginProcess(daemon));
            await Eventually.HoldsAsync("the plugin was started again", () => Starts(daemon) == 2);
            await Eventually.HoldsAsync("its volumes can be asked for", async () => (await daemon.SampanAsync("volume", "inspect", "-f", "{{.Status.pid}}", "vol")).ExitCode == 0);

            await LoseMachineAsync(daemon);
            await daemon.StartAgainAsync();

            Starts(daemon).ShouldBe(3);
            await Eventually.HoldsAsync("the container came back", async () => (await daemon.SampanAsync("exec", "user", "cat", "/m/greeting")).Text == "hello");
        }
        finally
        {
            await daemon.RemoveAllContainersAsync();
            await daemon.SampanAsync("plugin", "rm", "-f", "test/p");
        }
    }

    [Fact]
    public async Task A_managed_plugin_authorizes_requests_and_one_that_is_disabled_allows_none()
    {
        using var scratch = new Scratch();
        await File.WriteAllTextAsync(Path.Combine(scratch.Path, "daemon.json"), "{}");
        await using var daemon = await Daemon.StartAsync("--config-file", Path.Combine(scratch.Path, "daemon.json"));
        (await daemon.SampanAsync("plugin", "create", "test/guard", ManagedPlugin.Make(Path.Combine(scratch.Path, "plugin"), config =>
        {
            config["interface"]!["types"] = new JsonArray("docker.authz/1.0");
            config["env"] = JsonNode.Parse("""[{ "name": "IMPLEMENTS", "value": "authz" }, { "name": "DENY", "value": "volumes/create" }]""");
        }))).Succeeded();
        (await daemon.SampanAsync("plugin", "enable", "test/guard")).Succeeded();
        (await daemon.SampanAsync("volume", "create", "-d", "test/guard", "vol")).Ended(1).Saying("plugin does not provide \"volumedriver\" capability");
        (await daemon.SampanAsync("network", "create", "-d", "test/guard", "n")).Ended(1).Saying("test/guard");

        await daemon.StopAsync();
        await File.WriteAllTextAsync(Path.Combine(scratch.Path, "daemon.json"), """{ "authorization-plugins": ["test/guard"] }""");
        await daemon.StartAgainAsync();
        (await daemon.DockerAsync("info", "--format", "{{.Plugins.Authorization}}")).Succeeded().ShouldBe("[test/guard]");
        (await daemon.DockerAsync("volume", "create", "vol")).Ended(1).Saying("authorization denied by plugin test/guard: not here");
        (await daemon.DockerAsync("plugin", "disable", "test/guard")).Ended(1).Saying("is in use: the daemon asks it to authorize requests");

        // By force: then nothing is allowed, not everything.
        await daemon.DockerAsync("plugin", "disable", "-f", "test/guard");
        (await daemon.DockerAsync("ps")).Ended(1).Saying("plugin test/guard failed with error");
        await daemon.StopAsync();
        await File.WriteAllTextAsync(Path.Combine(scratch.Path, "daemon.json"), "{}");
        await daemon.StartAgainAsync();
        (await daemon.SampanAsync("plugin", "rm", "test/guard")).Succeeded();
    }

    // Words that the program says once at each start.
    private static int Starts(Daemon daemon) => Directory.EnumerateFiles(Path.Combine(daemon.DataRoot, "plugins"), "plugin.log", SearchOption.AllDirectories).Sum(log => File.ReadAllLines(log).Count(line => line.Contains("listening on", StringComparison.Ordinal)));

    private static string Now() => (DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1).ToString(CultureInfo.InvariantCulture);

    // The plugin's cgroup is below this daemon's own.
    private static int PluginProcess(Daemon daemon)
    {
        var id = Path.GetFileName(Directory.EnumerateDirectories(Path.Combine(daemon.ExecRoot, "managed-plugins")).Single());
        return Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Where(pid => Read($"/proc/{pid}/cgroup").Contains(id!, StringComparison.Ordinal) && Read($"/proc/{pid}/cmdline").StartsWith("/plugin", StringComparison.Ordinal))
            .Select(pid => int.Parse(pid!, CultureInfo.InvariantCulture)).Single();
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static async Task KillAsync(int pid)
    {
        (await Shell.RunAsync("/bin/kill", ["-9", pid.ToString(CultureInfo.InvariantCulture)])).Succeeded();
        await Eventually.HoldsAsync("it is gone", () => !Directory.Exists($"/proc/{pid}"));
    }

    // What a reset takes: every process, every mount, and what is on memory file systems.
    private static async Task LoseMachineAsync(Daemon daemon)
    {
        int[] pids = [PluginProcess(daemon), int.Parse((await daemon.SampanAsync("inspect", "-f", "{{.State.Pid}}", "user")).Succeeded(), CultureInfo.InvariantCulture)];
        await daemon.CrashAsync();
        foreach (var pid in Leftovers.ProcessesOf(daemon.ExecRoot).Concat(pids))
        {
            await Shell.RunAsync("/bin/kill", ["-9", pid.ToString(CultureInfo.InvariantCulture)]);
        }

        await Eventually.HoldsAsync("nothing runs", () => Leftovers.ProcessesOf(daemon.ExecRoot).Count == 0 && !pids.Any(pid => Directory.Exists($"/proc/{pid}")));
        foreach (var mount in Census.MountsBelow(daemon.Root).OrderByDescending(path => path.Length))
        {
            (await Shell.RunAsync("umount", ["-l", mount])).Succeeded();
        }

        Directory.Delete(daemon.ExecRoot, recursive: true);
    }
}
