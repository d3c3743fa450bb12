using System.Text.Json;
using Sampan.Linux.Cgroups;
using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Runtime.Commands;

/// <summary><c>exec</c> in real containers.</summary>
[Trait("guest", "long")]
public sealed class ExecTests : IDisposable
{
    private readonly CommandBundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    [Fact]
    public void It_runs_in_the_containers_namespaces_and_cgroup_and_ends_with_the_programs_code()
    {
        _bundle.RunSleeping();
        var (code, output, error) = _bundle.Run("exec", _bundle.Id, "sh", "-c", "for n in /proc/self/ns/*; do readlink $n; done; cat /proc/1/comm; exit 7");
        (code, error).ShouldBe((7, ""));
        var lines = output.TrimEnd('\n').Split('\n');
        lines[^1].ShouldBe("sleep");
        var pid = _bundle.Pid();
        var inits = Directory.EnumerateFileSystemEntries($"/proc/{pid}/ns").Order(StringComparer.Ordinal).Select(file => new FileInfo(file).LinkTarget);
        lines[..^1].ShouldBe(inits);
        _bundle.Run("exec", _bundle.Id, "cat", "/proc/self/cgroup").Output.ShouldNotContain("..", Case.Sensitive, "the process is outside of the container's cgroup");
    }

    [Fact]
    public void Streams_are_those_of_the_caller()
    {
        _bundle.RunSleeping();
        _bundle.RunWith("from the caller", "exec", _bundle.Id, "sh", "-c", "cat; echo to stderr >&2").ShouldBe((0, "from the caller", "to stderr\n"));
    }

    [Fact]
    public void Options_change_the_configured_process()
    {
        _bundle.RunSleeping();
        _bundle.Run("exec", "--user", "1000:1001", "--additional-gids", "5", "-g", "6", "--cwd", "/tmp", "--env", "A=b c", "-e", "D=e", _bundle.Id, "sh", "-c", "id -u; id -G; pwd; echo $A $D")
            .ShouldBe((0, "1000\n1001 5 6\n/tmp\nb c e\n", ""));
        _bundle.Run("exec", "--no-new-privs", _bundle.Id, "grep", "NoNewPrivs", "/proc/self/status").Output.ShouldBe("NoNewPrivs:\t1\n");
        _bundle.Run("exec", _bundle.Id, "grep", "NoNewPrivs", "/proc/self/status").Output.ShouldBe("NoNewPrivs:\t0\n");
    }

    [Fact]
    public void A_capability_is_added_to_the_bounding_effective_and_permitted_sets_only()
    {
        _bundle.RunSleeping(spec => spec.WithProcess(process => process with { Capabilities = new CapabilitySets() }));
        const string SysPtrace = "0000000000080000";
        const string None = "0000000000000000";
        _bundle.Run("exec", _bundle.Id, "grep", "^Cap", "/proc/self/status").Output.ShouldBe($"CapInh:\t{None}\nCapPrm:\t{None}\nCapEff:\t{None}\nCapBnd:\t{None}\nCapAmb:\t{None}\n");
        _bundle.Run("exec", "--cap", "CAP_SYS_PTRACE", _bundle.Id, "grep", "^Cap", "/proc/self/status").Output
            .ShouldBe($"CapInh:\t{None}\nCapPrm:\t{SysPtrace}\nCapEff:\t{SysPtrace}\nCapBnd:\t{SysPtrace}\nCapAmb:\t{None}\n");
    }

    [Fact]
    public void A_process_file_is_taken_whole_and_detached_it_goes_on()
    {
        _bundle.RunSleeping();
        var process = new OciProcess { Args = ["sh", "-c", "echo $X > /tmp/said; sleep 10000"], Env = ["PATH=/bin", "X=file"], Cwd = "/tmp" };
        File.WriteAllText(_bundle.Base + "/process.json", JsonSerializer.Serialize(process, OciRuntimeJson.Default.OciProcess));
        _bundle.Run("exec", "--process", _bundle.Base + "/process.json", "--detach", "--pid-file", _bundle.Base + "/pid", _bundle.Id).ShouldBe((0, "", ""));
        _bundle.WaitFor("the process did not write", () => File.Exists(_bundle.Rootfs + "/tmp/said") && File.ReadAllText(_bundle.Rootfs + "/tmp/said") == "file\n");
        var pid = File.ReadAllText(_bundle.Base + "/pid");
        _bundle.Run("ps", "--format", "json", _bundle.Id).Output.Trim('[', ']', '\n').Split(',').ShouldContain(pid);
    }

    [Fact]
    public void It_joins_a_cgroup_below_the_containers_and_none_elsewhere()
    {
        _bundle.RunSleeping();
        using var below = CgroupHost.Detect().Create(_bundle.CgroupPath + "/below");
        _bundle.Run("exec", "--cgroup", "/below", _bundle.Id, "grep", "-e", ":pids:", "-e", "^0:", "/proc/self/cgroup").Output.ShouldContain("/below");
        _bundle.Run("exec", "--cgroup", "../other", _bundle.Id, "true").Error.ShouldContain("not below the container's own cgroup");
        _bundle.Run("exec", "--cgroup", "no/such", _bundle.Id, "true").Error.ShouldContain("no/such");
    }

    [Fact]
    public void It_joins_another_cgroup_of_each_controller()
    {
        _bundle.RunSleeping();
        var host = CgroupHost.Detect();
        if (host.Layout.Mode == CgroupMode.V2)
        {
            _bundle.Run("exec", "--cgroup", "pids:first", _bundle.Id, "true").Error.ShouldContain("on cgroup v2 all go together");
            return;
        }
        using var first = host.Create(_bundle.CgroupPath + "/first");
        using var second = host.Create(_bundle.CgroupPath + "/second");
        var (code, output, error) = _bundle.Run("exec", "--cgroup", "pids:first", "--cgroup", "memory,devices:/second", _bundle.Id, "cat", "/proc/self/cgroup");
        (code, error).ShouldBe((0, ""));
        string Of(string controller) => output.Split('\n').Select(line => line.Split(':')).Single(fields => fields.Length == 3 && fields[1].Split(',').Contains(controller))[2];
        (Of("pids"), Of("memory"), Of("devices"), Of("freezer")).ShouldBe(("/first", "/second", "/second", "/"));
        _bundle.Run("exec", "--cgroup", "nonesuch:first", _bundle.Id, "true").Error.ShouldContain("no 'nonesuch' controller");
        _bundle.Run("exec", "--cgroup", "pids:../x", _bundle.Id, "true").Error.ShouldContain("not below the container's own cgroup");
    }

    [Fact]
    public void Descriptors_are_kept_as_many_as_asked()
    {
        _bundle.RunSleeping();
        const string Script = "exec 3</dev/null 4</dev/null; exec \"$0\" --root \"$1\" exec --preserve-fds \"$2\" \"$3\" sh -c 'cd /proc/self/fd; echo *'";
        string Fds(string count)
        {
            using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-c", Script, _bundle.Program, _bundle.State, count, _bundle.Id]) { RedirectStandardOutput = true, UseShellExecute = false }).ShouldNotBeNull();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit(60_000).ShouldBeTrue();
            return output;
        }
        Fds("0").ShouldBe("0 1 2 3\n"); // 3 is the directory that sh lists
        Fds("2").ShouldBe("0 1 2 3 4 5\n");
    }

    [Fact]
    public void A_paused_container_refuses_unless_told_otherwise()
    {
        _bundle.RunSleeping();
        _bundle.Run("pause", _bundle.Id).ShouldBe((0, "", ""));
        _bundle.Status().ShouldBe("paused");
        _bundle.Run("exec", _bundle.Id, "true").Error.ShouldContain("cannot exec in a paused container (use --ignore-paused to override)");
        using var waiting = _bundle.Start("", out var files, "exec", "--ignore-paused", _bundle.Id, "echo", "thawed");
        _bundle.WaitFor("the process is not in the container", () => _bundle.Run("ps", "--format", "json", _bundle.Id).Output.Contains(','));
        File.ReadAllText(files + "out").ShouldBe("");
        _bundle.Run("resume", _bundle.Id).ShouldBe((0, "", ""));
        waiting.WaitForExit(60_000).ShouldBeTrue();
        (waiting.ExitCode, File.ReadAllText(files + "out")).ShouldBe((0, "thawed\n"));
        _bundle.Run("resume", _bundle.Id).Error.ShouldContain("container not paused");
    }

    [Fact]
    public void What_cannot_be_run_is_told_in_runcs_words()
    {
        _bundle.RunSleeping();
        var (code, _, error) = _bundle.Run("exec", _bundle.Id, "nothere");
        code.ShouldBe(127);
        error.ShouldContain("exec failed: unable to start container process: exec: \\\"nothere\\\": executable file not found in $PATH");
        _bundle.Run("exec", _bundle.Id).Error.ShouldContain("process args cannot be empty");
        _bundle.Run("exec", "nosuch", "true").Error.ShouldContain("exec failed: container 'nosuch' does not exist");
        _bundle.Run("exec", "--tty", "--detach", _bundle.Id, "true").Error.ShouldContain("cannot allocate tty if sampan-runtime will detach without setting console socket");
        _bundle.Run("exec", "--user", "root", _bundle.Id, "true").Error.ShouldContain("invalid value");
        _bundle.Run("exec", "--apparmor", "some-profile", _bundle.Id, "true").Error.ShouldContain("apparmor", Case.Insensitive);
        _bundle.Run("kill", _bundle.Id, "KILL").Code.ShouldBe(0);
        _bundle.WaitFor("the container did not stop", () => _bundle.Status() == "stopped");
        _bundle.Run("exec", _bundle.Id, "true").Error.ShouldContain("cannot exec in a stopped container");
    }

    [Fact]
    public void Changes_of_the_bundle_have_no_effect_on_a_container_that_was_made_of_it()
    {
        _bundle.RunSleeping(spec => spec.WithProcess(process => process with { Env = ["PATH=/bin", "OF=creation"] }));
        File.WriteAllText(_bundle.Base + "/config.json", "{}");
        _bundle.Run("exec", _bundle.Id, "sh", "-c", "echo $OF").ShouldBe((0, "creation\n", ""));
    }

    [Fact]
    public void A_signal_to_the_command_reaches_the_process()
    {
        _bundle.RunSleeping();
        using var exec = _bundle.Start("", out var files, "exec", _bundle.Id, "sh", "-c", "trap 'echo heard; exit 9' TERM; echo ready; while true; do sleep 0.05; done");
        _bundle.WaitFor("the process is not ready", () => File.ReadAllText(files + "out").Contains("ready", StringComparison.Ordinal));
        using (var pidfd = Sampan.Linux.Processes.PidFd.Open(exec.Id))
            pidfd.Send(15);
        exec.WaitForExit(60_000).ShouldBeTrue();
        (exec.ExitCode, File.ReadAllText(files + "out")).ShouldBe((9, "ready\nheard\n"));
    }
}
