using System.Text.Json.Nodes;
using Sampan.Conformance.Harness;

namespace Sampan.Conformance.Runtime;

/// <summary>Further processes: exec, ps, kill of all.</summary>
public sealed class ExecTests : ConformanceTest
{
    private Container Running() => NewContainer("sleep 1000").Started();

    [Fact, Spec("runc-exec(8)")]
    public void Exec_runs_a_program_in_the_container_and_ends_with_its_code() => Conforms(() =>
    {
        var container = Running();
        var result = container.Exec("sh", "-c", "echo out; echo err >&2; exit 7");
        (result.Code, result.Output, result.Error).ShouldBe((7, "out", "err\n"));
    });

    [Fact, Spec("runc-exec(8)")]
    public void A_process_that_entered_is_in_all_namespaces_and_groups_of_the_container() => Conforms(() =>
    {
        var container = Running();
        var names = (string[])["ipc", "mnt", "net", "pid", "uts", "cgroup"];
        container.Exec("sh", "-c", $"for n in {string.Join(' ', names)}; do readlink /proc/self/ns/$n; done").Succeeds().Output.Split('\n')
            .ShouldBe(names.Select(name => new FileInfo($"/proc/{container.Pid}/ns/{name}").LinkTarget));
        container.Exec("cat", "/proc/self/cgroup").Succeeds().Output.ShouldBe(File.ReadAllText($"/proc/{container.Pid}/cgroup").TrimEnd('\n'));
    });

    [Fact, Spec("runc-exec(8)")]
    public void Environment_directory_user_and_capabilities_are_the_containers() => Conforms(() =>
    {
        var container = NewContainer("sleep 1000");
        container.Process["env"] = Container.Json("PATH=/bin", "KEY=value");
        container.Process["cwd"] = "/tmp";
        container.Started();
        container.Exec("sh", "-c", "echo $KEY; pwd; id -u; grep CapEff /proc/self/status").Prints($"value\n/tmp\n0\n{File.ReadAllLines($"/proc/{container.Pid}/status").Single(line => line.StartsWith("CapEff", StringComparison.Ordinal))}");
    });

    [Fact, Spec("runc-exec(8)")]
    public void Options_change_environment_directory_user_and_groups() => Conforms(() =>
    {
        var container = Running();
        container.Call("exec", "--env", "A=1", "--env", "B=2 3", "--cwd", "/etc", "--user", "1000:1001", "--additional-gids", "5", container.Id, "sh", "-c", "echo $A $B; pwd; id -u; id -g; grep -c 'Groups:.5 *$' /proc/self/status")
            .Prints("1 2 3\n/etc\n1000\n1001\n1");
    });

    [Fact, Spec("runc-exec(8)")]
    public void A_capability_is_added() => Conforms(() =>
    {
        var container = Running();
        var before = Convert.ToUInt64(container.Exec("sh", "-c", "grep CapEff /proc/self/status | cut -f2").Succeeds().Output, 16);
        var after = Convert.ToUInt64(container.Call("exec", "--cap", "CAP_NET_RAW", container.Id, "sh", "-c", "grep CapEff /proc/self/status | cut -f2").Succeeds().Output, 16);
        after.ShouldBe(before | (1UL << 13));
    });

    [Fact, Spec("runc-exec(8)")]
    public void No_new_privileges_may_be_set() => Conforms(() =>
        Running().With(container => container.Call("exec", "--no-new-privs", container.Id, "sh", "-c", "grep NoNewPrivs /proc/self/status | cut -f2").Prints("1")));

    [Fact, Spec("runc-exec(8)")]
    public void The_process_may_be_described_by_a_file() => Conforms(() =>
    {
        var container = Running();
        File.WriteAllText(container.Location + "/process.json", new JsonObject
        {
            ["user"] = new JsonObject { ["uid"] = 1000, ["gid"] = 7 },
            ["args"] = Container.Json("sh", "-c", "echo $KEY; pwd; id -u; id -g"),
            ["env"] = Container.Json("PATH=/bin", "KEY=of the file"),
            ["cwd"] = "/tmp",
        }.ToJsonString());
        container.Call("exec", "--process", container.Location + "/process.json", container.Id).Prints("of the file\n/tmp\n1000\n7");
    });

    [Fact, Spec("runc-exec(8)")]
    public void Detached_it_returns_at_once_and_tells_the_pid() => Conforms(() =>
    {
        var container = Running();
        container.Call("exec", "--detach", "--pid-file", container.Location + "/exec.pid", container.Id, "sleep", "1001").Succeeds();
        var pid = File.ReadAllText(container.Location + "/exec.pid").Trim();
        Container.Await(() => File.ReadAllText($"/proc/{pid}/cmdline") == "sleep\01001\0", "the program did not run");
    });

    [Fact, Spec("runc-exec(8)")]
    public void A_program_that_is_not_there_is_an_error() => Conforms(() => Running().Exec("no-such-program").Fails());

    [Fact, Spec("runc-exec(8)")]
    public void In_a_stopped_container_it_is_an_error() => Conforms(() =>
    {
        var container = NewContainer().Started();
        container.AwaitStatus("stopped");
        container.Exec("true").Fails();
    });

    [Fact, Spec("runc-exec(8)")]
    public void In_a_paused_container_it_is_an_error() => Conforms(() =>
    {
        var container = Running();
        container.Call("pause", container.Id).Succeeds();
        var result = container.Exec("true");
        container.Call("resume", container.Id).Succeeds();
        result.Fails();
    });

    [Fact, Spec("runc-exec(8)")]
    public void The_containers_filter_holds() => Conforms(() =>
    {
        var container = NewContainer("sleep 1000");
        container.Linux["seccomp"] = new JsonObject
        {
            ["defaultAction"] = "SCMP_ACT_ALLOW",
            ["syscalls"] = new JsonArray(new JsonObject { ["names"] = Container.Json("mkdir", "mkdirat"), ["action"] = "SCMP_ACT_ERRNO" }),
        };
        container.Started();
        container.Exec("sh", "-c", "mkdir /tmp/x 2>/dev/null || echo refused; grep Seccomp: /proc/self/status | cut -f2").Prints("refused\n2");
    });

    [Fact, Spec("runc-exec(8)")]
    public void The_terminal_of_an_exec_is_handed_to_the_console_socket() => Conforms(() =>
    {
        var container = Running();
        using var console = new ConsoleReceiver(container.Location + "/console.sock");
        container.Call("exec", "--detach", "--tty", "--console-socket", console.Path, container.Id, "sh", "-c", "tty; test -t 1 && echo terminal").Succeeds();
        console.ReadToEnd().ReplaceLineEndings("\n").TrimEnd('\n').ShouldBe("/dev/pts/0\nterminal");
    });

    [Fact, Spec("runc-ps(8)")]
    public void Ps_lists_the_processes_of_the_container() => Conforms(() =>
    {
        var container = Running();
        container.Call("exec", "--detach", container.Id, "sleep", "1001").Succeeds();
        var pids = JsonNode.Parse(container.Call("ps", "--format", "json", container.Id).Succeeds().Output)!.AsArray().Select(one => one!.GetValue<int>()).ToArray();
        pids.Length.ShouldBe(2);
        pids.ShouldContain(container.Pid);
        container.Call("ps", container.Id).Succeeds().Output.Split('\n').Count(line => line.Contains("sleep 100", StringComparison.Ordinal)).ShouldBe(2);
    });

    [Fact, Spec("runc-kill(8)")]
    public void Kill_of_all_reaches_every_process() => Conforms(() =>
    {
        // In the host's own pid namespace the others outlive the first.
        var container = NewContainer("sleep 1001 & sleep 1002 & wait");
        var namespaces = container.Linux["namespaces"]!.AsArray();
        namespaces.Remove(namespaces.Single(one => one!["type"]!.GetValue<string>() == "pid"));
        container.Started();
        Container.Await(() => Groups.Read(container.Id, "pids", "cgroup.procs", "cgroup.procs").Split('\n').Length == 3, "its processes did not come");
        container.Call("kill", "--all", container.Id, "KILL").Succeeds();
        Container.Await(() => Groups.Read(container.Id, "pids", "cgroup.procs", "cgroup.procs").Length == 0, "some process is left");
    });
}
