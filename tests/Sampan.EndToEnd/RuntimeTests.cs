using System.Text.Json;
using System.Text.Json.Nodes;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary><c>sampan-runtime</c> by itself, with runc's command line on a bundle.</summary>
public sealed class RuntimeTests : IDisposable
{
    private readonly Scratch _scratch = new();
    private readonly string _id = $"sampan-oci-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..6]}";

    private string Bundle => Path.Combine(_scratch.Path, "bundle");

    [Fact]
    public async Task Run_executes_the_bundles_process_and_ends_with_its_code()
    {
        await MakeBundleAsync(["sh", "-c", "echo $$ $(hostname) $GREETING; exit 23"]);

        (await RuntimeAsync("run", "--bundle", Bundle, _id)).Ended(23).Text.ShouldBe("1 in-a-bundle hello");

        (await RuntimeAsync("state", _id)).Failed().Saying(_id);
    }

    [Fact]
    public async Task Create_start_state_kill_delete_go_one_by_one()
    {
        await MakeBundleAsync(["sleep", "3600"]);
        var pidFile = Path.Combine(_scratch.Path, "pid");

        // The container keeps create's standard streams: through pipes the test would wait for its end.
        (await Shell.ShAsync($"{Checkout.Executable("sampan-runtime")} --root {_scratch.Path}/state create --bundle {Bundle} --pid-file {pidFile} {_id} </dev/null >/dev/null 2>&1")).Succeeded();
        var state = await StateAsync();
        state.GetProperty("ociVersion").GetString().ShouldStartWith("1.");
        state.GetProperty("status").GetString().ShouldBe("created");
        state.GetProperty("bundle").GetString().ShouldBe(Bundle);
        state.GetProperty("pid").GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture).ShouldBe(await File.ReadAllTextAsync(pidFile));

        (await RuntimeAsync("start", _id)).Succeeded();
        (await StateAsync()).GetProperty("status").GetString().ShouldBe("running");
        (await RuntimeAsync("delete", _id)).Failed();
        (await RuntimeAsync("kill", _id, "KILL")).Succeeded();
        await Eventually.HoldsAsync("the container has stopped", async () => (await StateAsync()).GetProperty("status").GetString() == "stopped");

        (await RuntimeAsync("delete", _id)).Succeeded();
        (await RuntimeAsync("state", _id)).Failed();
    }

    [Fact]
    public async Task Errors_go_to_the_log_as_json_when_asked()
    {
        var log = Path.Combine(_scratch.Path, "log");

        (await Shell.RunAsync(Checkout.Executable("sampan-runtime"), ["--root", Path.Combine(_scratch.Path, "state"), "--log", log, "--log-format", "json", "state", "no-such"])).Failed();

        using var line = JsonDocument.Parse((await File.ReadAllLinesAsync(log))[^1]);
        line.RootElement.GetProperty("level").GetString().ShouldBe("error");
        line.RootElement.GetProperty("msg").GetString().ShouldNotBeNullOrWhiteSpace();
    }

    [Theory]
    [InlineData("truncated", "config.json")]
    [InlineData("no process", "process")]
    [InlineData("no such command", "no-such-command")]
    public async Task A_bundle_that_cannot_run_is_refused_and_leaves_nothing(string damage, string named)
    {
        await MakeBundleAsync(damage == "no such command" ? ["no-such-command"] : ["true"]);
        var file = Path.Combine(Bundle, "config.json");
        if (damage == "truncated")
        {
            await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file))[..100]);
        }
        else if (damage == "no process")
        {
            var spec = JsonNode.Parse(await File.ReadAllTextAsync(file))!.AsObject();
            spec.Remove("process");
            await File.WriteAllTextAsync(file, spec.ToJsonString());
        }

        (await RuntimeAsync("run", "--bundle", Bundle, _id)).Failed().Saying(named);

        (await RuntimeAsync("state", _id)).Failed();
        Directory.EnumerateDirectories("/sys/fs/cgroup", _id, SearchOption.AllDirectories).ShouldBeEmpty();
    }

    public void Dispose()
    {
        Shell.RunAsync(Checkout.Executable("sampan-runtime"), ["--root", Path.Combine(_scratch.Path, "state"), "delete", "--force", _id]).GetAwaiter().GetResult();
        _scratch.Dispose();
    }

    private Task<Outcome> RuntimeAsync(params string[] arguments)
        => Shell.RunAsync(Checkout.Executable("sampan-runtime"), ["--root", Path.Combine(_scratch.Path, "state"), .. arguments]);

    private async Task<JsonElement> StateAsync()
    {
        using var document = JsonDocument.Parse((await RuntimeAsync("state", _id)).Succeeded());
        return document.RootElement.Clone();
    }

    private async Task MakeBundleAsync(string[] arguments)
    {
        var root = Path.Combine(Bundle, "rootfs");
        Directory.CreateDirectory(root);
        var files = ImageArchive.ReadTar(Checkout.Image("busybox"));
        using var manifest = JsonDocument.Parse(files["manifest.json"]);
        var layer = Path.Combine(_scratch.Path, "layer.tar");
        await File.WriteAllBytesAsync(layer, files[manifest.RootElement[0].GetProperty("Layers")[0].GetString()!]);
        (await Shell.RunAsync("tar", ["-C", root, "-xf", layer])).Succeeded();

        static JsonObject Mount(string destination, string type, params string[] options)
            => new() { ["destination"] = destination, ["type"] = type, ["source"] = type, ["options"] = new JsonArray([.. options.Select(option => (JsonNode)option)]) };
        var spec = new JsonObject
        {
            ["ociVersion"] = "1.0.2",
            ["hostname"] = "in-a-bundle",
            ["root"] = new JsonObject { ["path"] = "rootfs", ["readonly"] = true },
            ["process"] = new JsonObject
            {
                ["terminal"] = false,
                ["user"] = new JsonObject { ["uid"] = 0, ["gid"] = 0 },
                ["cwd"] = "/",
                ["args"] = new JsonArray([.. arguments.Select(word => (JsonNode)word)]),
                ["env"] = new JsonArray("PATH=/bin", "GREETING=hello"),
            },
            ["mounts"] = new JsonArray(Mount("/proc", "proc", "nosuid", "noexec", "nodev"), Mount("/dev", "tmpfs", "nosuid", "mode=755", "size=65536k"), Mount("/sys", "sysfs", "ro", "nosuid", "noexec", "nodev")),
            ["linux"] = new JsonObject
            {
                ["cgroupsPath"] = $"/{_id}",
                ["namespaces"] = new JsonArray([.. new[] { "pid", "network", "ipc", "uts", "mount", "cgroup" }.Select(type => (JsonNode)new JsonObject { ["type"] = type })]),
            },
        };
        await File.WriteAllTextAsync(Path.Combine(Bundle, "config.json"), spec.ToJsonString());
    }
}
