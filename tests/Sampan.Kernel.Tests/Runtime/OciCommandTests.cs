using System.Diagnostics;
using System.Text.Json;
using Sampan.Linux.Cgroups;
using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Runtime;

/// <summary>The commands of the OCI runtime, as engines call them.</summary>
public sealed class OciCommandTests : IDisposable
{
    private readonly string _program = RuntimeProgram.Require();
    private readonly string _base = Directory.CreateTempSubdirectory("sampan-runtime-oci-").FullName;
    private readonly string _id = "oci" + Guid.NewGuid().ToString("n")[..10];

    public OciCommandTests()
    {
        Directory.CreateDirectory(_base + "/rootfs/bin");
        Busybox.CopyTo(_base + "/rootfs/bin/busybox");
        foreach (var applet in new[] { "sh", "sleep", "true", "cat", "echo", "test", "ls" })
            File.CreateSymbolicLink($"{_base}/rootfs/bin/{applet}", "busybox");
    }

    [Fact]
    public void A_container_goes_through_its_states()
    {
        Write(TestSpec.For(_id, "sleep", "1000"));
        Run("create", "--bundle", _base, "--pid-file", _base + "/pid", _id).ShouldBe((0, "", ""));
        var created = State();
        created.Status.ShouldBe("created");
        created.Bundle.ShouldBe(_base);
        created.Pid.ToString().ShouldBe(File.ReadAllText(_base + "/pid"));
        File.ReadAllText($"/proc/{created.Pid}/comm").Trim().ShouldNotBe("sleep");

        Run("start", _id).Code.ShouldBe(0);
        State().Status.ShouldBe("running");
        File.ReadAllText($"/proc/{created.Pid}/comm").Trim().ShouldBe("sleep");
        Run("start", _id).Error.ShouldContain("it must be created");
        Run("delete", _id).Error.ShouldContain("that is not stopped");

        Run("kill", _id, "KILL").Code.ShouldBe(0);
        WaitUntilStopped();
        Run("kill", _id, "TERM").Error.ShouldContain("container not running");
        Run("delete", _id).ShouldBe((0, "", ""));
        Run("state", _id).Error.ShouldContain($"container '{_id}' does not exist");
        CgroupHost.Detect().Exists("/sampan-runtime-tests/" + _id).ShouldBeFalse();
    }

    [Fact]
    public void Run_ends_with_the_programs_exit_code_and_leaves_nothing()
    {
        Write(TestSpec.For(_id, "sh", "-c", "echo hello; exit 23"));
        Run("run", "--bundle", _base, _id).ShouldBe((23, "hello\n", ""));
        Directory.GetFileSystemEntries(_base + "/state").ShouldBeEmpty();
    }

    [Fact]
    public void A_program_that_is_not_there_is_code_127_and_in_the_json_log()
    {
        Write(TestSpec.For(_id, "nothere"));
        var (code, _, error) = Run("--log", _base + "/log", "--log-format", "json", "run", "--bundle", _base, _id);
        code.ShouldBe(127);
        error.ShouldContain("executable file not found in $PATH");
        using var line = JsonDocument.Parse(File.ReadAllLines(_base + "/log")[0]);
        line.RootElement.GetProperty("level").GetString().ShouldBe("error");
        line.RootElement.GetProperty("msg").GetString().ShouldBe("exec: \"nothere\": executable file not found in $PATH");
        Run("state", _id).Code.ShouldBe(1);
        // Engines hear it from create: what comes later is an error of the container to them.
        Run("create", "--bundle", _base, _id).Code.ShouldBe(127);
    }

    [Theory]
    [InlineData("../up")]
    [InlineData("a/b")]
    [InlineData("")]
    public void An_id_that_could_leave_its_directory_is_refused(string id) =>
        Run("create", "--bundle", _base, id).Error.ShouldContain("invalid container id");

    [Trait("guest", "long")]
    [Theory]
    [InlineData("{", "invalid config.json: it is not JSON, in line 1")]
    [InlineData("{\"ociVersion\": \"1.2.0\"}", "root: is missing")]
    [InlineData("{\"ociVersion\": 5}", "ociVersion: a text is expected, in line 1")]
    [InlineData("{\"ociVersion\": \"2.0\", \"root\": {\"path\": \"rootfs\"}}", "is not a version 1.x")]
    public void A_configuration_that_is_not_sound_is_refused(string config, string message)
    {
        File.WriteAllText(_base + "/config.json", config);
        var (code, _, error) = Run("create", "--bundle", _base, _id);
        code.ShouldBe(1);
        error.ShouldContain(message);
        Run("state", _id).Error.ShouldContain("does not exist");
    }

    [Fact]
    public void An_option_that_is_not_known_is_refused_by_name()
    {
        var (code, _, error) = Run("--no-such-option", "state", _id);
        code.ShouldBe(1);
        error.ShouldContain("no-such-option");
    }

    [Theory]
    [InlineData("--systemd-cgroup", "", "systemd does not run here")]
    [InlineData("--systemd-cgroup", "machine.slice:x:y", "systemd does not run here")]
    [InlineData("--systemd-cgroup", "/machine/x", "is not of the form slice:prefix:name")]
    [InlineData("--debug=false", "machine.slice:x:y", "give --systemd-cgroup, or an absolute path")]
    [InlineData("--systemd-cgroup", "a--b.slice:x:y", "linux.cgroupsPath: 'a--b.slice' is no name of a slice")]
    public void A_group_that_systemd_would_have_to_make_is_refused_where_it_does_not_run(string option, string path, string words)
    {
        Assert.SkipWhen(Directory.Exists("/run/systemd/system"), "systemd runs here");
        var spec = TestSpec.For(_id, "true");
        Write(spec with { Linux = spec.Linux! with { CgroupsPath = path } });
        var (code, _, error) = Run(option, "create", "--bundle", _base, _id);
        code.ShouldBe(1);
        error.ShouldContain(words);
        Run("state", _id).Error.ShouldContain("does not exist");
    }

    [Fact]
    public void Hooks_run_in_order_with_the_state_on_their_input()
    {
        Hook Record(string name) => new() { Path = "/bin/sh", Args = ["sh", "-c", $"printf '{name} ' >> {_base}/hooks; cat >> {_base}/hooks; echo >> {_base}/hooks"], Env = ["PATH=/bin:/usr/bin"] };
        Write(TestSpec.For(_id, "true") with
        {
            Hooks = new Hooks { Prestart = [Record("prestart")], CreateRuntime = [Record("createRuntime")], Poststart = [Record("poststart")], Poststop = [Record("poststop")] },
        });
        Run("run", "--bundle", _base, _id).ShouldBe((0, "", ""));
        var lines = File.ReadAllLines(_base + "/hooks");
        lines.Select(line => line.Split(' ')[0]).ShouldBe(["prestart", "createRuntime", "poststart", "poststop"]);
        var state = JsonSerializer.Deserialize(lines[1]["createRuntime ".Length..], OciRuntimeJson.Default.ContainerState).ShouldNotBeNull();
        state.Id.ShouldBe(_id);
        state.Status.ShouldBe("creating");
        state.Pid.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void CVE_2025_23266_CVE_2024_0132_a_hook_has_its_own_environment_and_nothing_of_the_containers()
    {
        var spec = TestSpec.For(_id, "true");
        Hook Record(string name) => new() { Path = "/bin/sh", Args = ["sh", "-c", $"tr '\\0' '\\n' < /proc/self/environ > {_base}/{name}"], Env = ["PATH=/bin:/usr/bin", "OWN=hook"] };
        Write(spec with
        {
            Process = spec.Process! with { Env = ["PATH=/bin:/usr/bin", "LD_PRELOAD=/hostile.so", "LD_LIBRARY_PATH=/hostile", "OWN=container"] },
            Hooks = new Hooks { Prestart = [Record("prestart")], CreateRuntime = [Record("createRuntime")], Poststart = [Record("poststart")], Poststop = [Record("poststop")] },
        });

        Run("run", "--bundle", _base, _id).ShouldBe((0, "", ""));

        foreach (var kind in new[] { "prestart", "createRuntime", "poststart", "poststop" })
            File.ReadAllLines($"{_base}/{kind}").ShouldBe(["PATH=/bin:/usr/bin", "OWN=hook"], ignoreOrder: true, kind);
    }

    [Fact]
    public void A_hook_that_fails_ends_the_launch()
    {
        Write(TestSpec.For(_id, "true") with { Hooks = new Hooks { CreateRuntime = [new Hook { Path = "/bin/false" }] } });
        var (code, _, error) = Run("run", "--bundle", _base, _id);
        code.ShouldBe(1);
        error.ShouldContain("hook '/bin/false' failed with exit code 1");
        CgroupHost.Detect().Exists("/sampan-runtime-tests/" + _id).ShouldBeFalse();
    }

    /// <summary>Each kind at its place in the lifecycle: what create or start would run is an error, what runs after the end a warning.</summary>
    [Trait("guest", "long")]
    [Theory]
    [InlineData("prestart", 1, null)]
    [InlineData("createRuntime", 1, null)]
    [InlineData("createContainer", 1, null)]
    [InlineData("startContainer", 0, 1)]
    [InlineData("poststart", 0, 1)]
    [InlineData("poststop", 0, 0)]
    public void A_hook_that_takes_longer_than_it_may_is_killed(string kind, int created, int? started)
    {
        IReadOnlyList<Hook> Slow(string name) => name == kind ? [new Hook { Path = "/bin/sleep", Args = ["sleep", "1000"], Timeout = 1 }] : [];
        Write(TestSpec.For(_id, "true") with
        {
            Hooks = new Hooks
            {
                Prestart = Slow("prestart"), CreateRuntime = Slow("createRuntime"), CreateContainer = Slow("createContainer"),
                StartContainer = Slow("startContainer"), Poststart = Slow("poststart"), Poststop = Slow("poststop"),
            },
        });
        const string Told = "hook '/bin/sleep' took longer than 1 s";
        var (code, _, error) = Run("create", "--bundle", _base, _id);
        code.ShouldBe(created, error);
        if (started is null)
        {
            error.ShouldContain(Told);
            Run("state", _id).Error.ShouldContain("does not exist");
            return;
        }
        (code, _, error) = Run("start", _id);
        code.ShouldBe(started.Value, error);
        if (started == 1)
        {
            error.ShouldContain(Told);
            return;
        }
        WaitUntilStopped();
        (code, _, error) = Run("delete", _id);
        code.ShouldBe(0, error);
        error.ShouldContain(Told);
        Run("state", _id).Error.ShouldContain("does not exist");
    }

    public void Dispose()
    {
        Run("delete", "--force", _id);
        Directory.Delete(_base, recursive: true);
    }

    private void Write(RuntimeSpec spec) => File.WriteAllBytes(_base + "/config.json", JsonSerializer.SerializeToUtf8Bytes(spec, OciRuntimeJson.Default.RuntimeSpec));

    private ContainerState State() => JsonSerializer.Deserialize(Run("state", _id).Output, OciRuntimeJson.Default.ContainerState).ShouldNotBeNull();

    private void WaitUntilStopped()
    {
        var deadline = Stopwatch.StartNew();
        while (State().Status != "stopped")
            deadline.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(1), "the container did not stop");
    }

    private (int Code, string Output, string Error) Run(params string[] args)
    {
        // To files, not pipes: what create leaves running keeps the streams it got.
        var (stdout, stderr) = (_base + "/stdout", _base + "/stderr");
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"exec \"$0\" --root {_base}/state \"$@\" >{stdout} 2>{stderr}", _program, .. args]) { UseShellExecute = false }).ShouldNotBeNull();
        process.WaitForExit(30_000).ShouldBeTrue();
        return (process.ExitCode, File.ReadAllText(stdout), File.ReadAllText(stderr));
    }
}
