using System.Text.Json.Nodes;
using Sampan.Conformance.Harness;

namespace Sampan.Conformance.Runtime;

/// <summary>Control groups and what they limit, as the host sees them; update, pause and resume.</summary>
public sealed class CgroupTests : ConformanceTest
{
    private static void Set(Container container, string section, JsonObject values) => container.Linux["resources"]![section] = values;

    [Fact, Spec("config-linux.md#cgroups-path")]
    public void The_program_is_in_the_group_asked_for_from_the_start() => Conforms(() =>
    {
        var container = NewContainer("sleep 1000").Started();
        Groups.Read(container.Id, "pids", "cgroup.procs", "cgroup.procs").Split('\n').ShouldContain(container.Pid.ToString());
    });

    [Fact, Spec("config-linux.md#memory")]
    public void Memory_is_limited() => Conforms(() =>
    {
        var container = NewContainer("sleep 1000");
        Set(container, "memory", new JsonObject { ["limit"] = 64 << 20, ["reservation"] = 32 << 20 });
        container.Create().Succeeds();
        Groups.Read(container.Id, "memory", "memory.limit_in_bytes", "memory.max").ShouldBe("67108864");
        Groups.Read(container.Id, "memory", "memory.soft_limit_in_bytes", "memory.low").ShouldBe("33554432");
    });

    [Fact, Spec("config-linux.md#memory")]
    public void Too_much_memory_ends_the_program() => Conforms(() =>
    {
        // dd's buffer is all its memory.
        var container = NewContainer("dd if=/dev/zero of=/dev/null bs=200M count=1 2>/dev/null; echo $?");
        Set(container, "memory", new JsonObject { ["limit"] = 24 << 20 });
        container.Run().Prints("137");
    });

    [Fact, Spec("config-linux.md#pids")]
    public void Processes_are_limited() => Conforms(() =>
    {
        var container = NewContainer("sleep 1000");
        Set(container, "pids", new JsonObject { ["limit"] = 77 });
        container.Create().Succeeds();
        Groups.Read(container.Id, "pids", "pids.max", "pids.max").ShouldBe("77");
    });

    [Fact, Spec("config-linux.md#cpu")]
    public void Shares_and_quota_of_the_processors_are_set() => Conforms(() =>
    {
        var container = NewContainer("sleep 1000");
        Set(container, "cpu", new JsonObject { ["shares"] = 512, ["quota"] = 40000, ["period"] = 80000, ["cpus"] = "0", ["mems"] = "0" });
        container.Create().Succeeds();
        if (Groups.IsUnified)
        {
            Groups.Read(container.Id, "", "", "cpu.max").ShouldBe("40000 80000");
        }
        else
        {
            Groups.Read(container.Id, "cpu", "cpu.shares", "").ShouldBe("512");
            Groups.Read(container.Id, "cpu", "cpu.cfs_quota_us", "").ShouldBe("40000");
            Groups.Read(container.Id, "cpu", "cpu.cfs_period_us", "").ShouldBe("80000");
        }
        Groups.Read(container.Id, "cpuset", "cpuset.cpus", "cpuset.cpus").ShouldBe("0");
    });

    [Fact, Spec("config-linux.md#control-groups")]
    public void The_view_of_the_groups_is_mounted() => Conforms(() =>
    {
        var container = NewContainer(Groups.IsUnified ? "test -e /sys/fs/cgroup/cgroup.procs && echo there" : "test -e /sys/fs/cgroup/pids/cgroup.procs && echo there; touch /sys/fs/cgroup/pids/x 2>/dev/null || echo refused");
        container.Mount("cgroup", "cgroup", "/sys/fs/cgroup", "ro", "nosuid", "noexec", "nodev").Run().Succeeds().Output.ShouldStartWith("there");
    });

    [Fact, Spec("runc-update(8)")]
    public void Update_changes_the_limits_of_a_running_container() => Conforms(() =>
    {
        var container = NewContainer("sleep 1000");
        Set(container, "memory", new JsonObject { ["limit"] = 64 << 20 });
        container.Started();
        container.Call("update", "--memory", (96 << 20).ToString(), "--pids-limit", "55", container.Id).Succeeds();
        Groups.Read(container.Id, "memory", "memory.limit_in_bytes", "memory.max").ShouldBe("100663296");
        Groups.Read(container.Id, "pids", "pids.max", "pids.max").ShouldBe("55");
    });

    [Fact, Spec("runc-update(8)")]
    public void Update_reads_resources_from_a_file() => Conforms(() =>
    {
        var container = NewContainer("sleep 1000").Started();
        File.WriteAllText(container.Location + "/resources.json", """{ "memory": { "limit": 41943040 }, "pids": { "limit": 44 } }""");
        container.Call("update", "--resources", container.Location + "/resources.json", container.Id).Succeeds();
        Groups.Read(container.Id, "memory", "memory.limit_in_bytes", "memory.max").ShouldBe("41943040");
        Groups.Read(container.Id, "pids", "pids.max", "pids.max").ShouldBe("44");
    });

    [Fact, Spec("runc-pause(8)")]
    public void Pause_stops_the_container_and_resume_lets_it_go_on() => Conforms(() =>
    {
        var container = NewContainer("trap 'touch /caught' USR1; touch /ready; while :; do sleep 0.05; done").Started();
        Container.Await(() => File.Exists(container.Rootfs + "/ready"), "the program did not come so far");
        container.Call("pause", container.Id).Succeeds();
        container.Status.ShouldBe("paused");
        container.Kill("USR1").Succeeds();
        File.Exists(container.Rootfs + "/caught").ShouldBeFalse();
        container.Call("resume", container.Id).Succeeds();
        container.Status.ShouldBe("running");
        Container.Await(() => File.Exists(container.Rootfs + "/caught"), "the signal did not arrive");
    });

    [Fact, Spec("runc-pause(8)")]
    public void Pause_of_a_stopped_container_is_an_error() => Conforms(() =>
    {
        var container = NewContainer().Started();
        container.AwaitStatus("stopped");
        container.Call("pause", container.Id).Fails();
    });

    [Fact, Spec("runc-resume(8)")]
    public void Resume_of_a_running_container_is_an_error() => Conforms(() => NewContainer("sleep 1000").Started().With(container => container.Call("resume", container.Id).Fails()));

    [Fact, Spec("runc-delete(8)")]
    public void Delete_by_force_ends_a_paused_container() => Conforms(() =>
    {
        var container = NewContainer("sleep 1000").Started();
        container.Call("pause", container.Id).Succeeds();
        container.Delete("--force").Succeeds();
        container.Call("state", container.Id).Fails();
    });

    [Fact, Spec("runc-events(8)")]
    public void Events_tell_the_use_of_resources() => Conforms(() =>
    {
        var container = NewContainer("sleep 1000").Started();
        JsonNode Events() => JsonNode.Parse(container.Call("events", "--stats", container.Id).Succeeds().Output)!;
        // The program's own process; threads of a runtime that is about to become it are gone some time after the start.
        Container.Await(() => Events()["data"]!["pids"]!["current"]!.GetValue<int>() == 1, "there never is one process");
        var stats = Events();
        stats["type"]!.GetValue<string>().ShouldBe("stats");
        stats["id"]!.GetValue<string>().ShouldBe(container.Id);
        stats["data"]!["memory"]!["usage"]!["usage"]!.GetValue<long>().ShouldBeGreaterThan(0);
    });
}
