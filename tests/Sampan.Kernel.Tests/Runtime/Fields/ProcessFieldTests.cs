using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Runtime.Fields;

/// <summary>Members of <c>process</c> and what a program sees of them.</summary>
[Trait("guest", "long")]
public sealed class ProcessFieldTests : IDisposable
{
    private readonly OciBundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    private RuntimeSpec Process(Func<OciProcess, OciProcess> change, string script) => _bundle.Spec(script).WithProcess(change);

    [Theory]
    [InlineData("SCHED_BATCH", 5, "19,41", "5 3")]
    [InlineData("SCHED_IDLE", 0, "41", "5")] // it has no nice value of its own
    [InlineData("SCHED_OTHER", 7, "19,41", "7 0")]
    public void The_scheduler_has_the_policy_and_the_nice_value(string policy, int nice, string members, string shown)
    {
        // Members 19 and 41 of proc_pid_stat(5).
        var spec = Process(process => process with { Scheduler = new Scheduler { Policy = policy, Nice = nice } }, $"busybox cut -d' ' -f{members} /proc/1/stat");
        _bundle.Run(spec).ShouldBe((0, shown, ""));
    }

    [Fact]
    public void A_policy_that_needs_a_privilege_or_parameter_not_given_fails_by_name()
    {
        var (code, _, error) = _bundle.Run(Process(process => process with { Scheduler = new Scheduler { Policy = "SCHED_DEADLINE", Runtime = 10, Deadline = 5, Period = 5 } }, "true"));
        code.ShouldBe(1);
        error.Plain().ShouldContain("set the scheduling policy");
        (code, _, error) = _bundle.Run(Process(process => process with { Scheduler = new Scheduler { Policy = "SCHED_OTHER", Priority = 5 } }, "true"));
        (code, error.Plain().Contains("process.scheduler.priority: 5 is for SCHED_FIFO and SCHED_RR only", StringComparison.Ordinal)).ShouldBe((1, true), error);
    }

    [Theory]
    [InlineData("IOPRIO_CLASS_BE", 6, "best-effort: prio 6")]
    [InlineData("IOPRIO_CLASS_IDLE", 0, "idle")]
    public void The_io_priority_is_set(string @class, int level, string shown)
    {
        var spec = Process(process => process with { IoPriority = new IoPriority { Class = @class, Priority = level } }, "busybox ionice -p 1");
        _bundle.Run(spec).ShouldBe((0, shown, ""));
    }

    [Fact]
    public void The_exec_cpu_affinity_leaves_the_first_process_alone()
    {
        var all = File.ReadAllLines("/proc/self/status").First(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal));
        var spec = Process(process => process with { ExecCpuAffinity = new ExecCpuAffinity { Initial = "0", Final = "0" } }, "grep Cpus_allowed_list /proc/self/status");
        _bundle.Run(spec).Output.ShouldBe(all);
    }

    [Fact]
    public void The_umask_and_the_groups_are_exactly_those_given()
    {
        var spec = Process(process => process with { User = new OciUser { Uid = 7, Gid = 8, Umask = 0x3f, AdditionalGids = [9, 10] } }, "umask; id -u; id -g; id -G");
        _bundle.Run(spec).ShouldBe((0, "0077\n7\n8\n8 9 10", ""));
    }

    [Fact]
    public void The_id_that_means_no_change_to_the_kernel_is_refused()
    {
        var (code, _, error) = _bundle.Run(Process(process => process with { User = new OciUser { Uid = uint.MaxValue, Gid = uint.MaxValue } }, "id"));
        code.ShouldBe(1);
        error.Plain().ShouldContain("process.user.uid: 4294967295 is not an id");
        error.Plain().ShouldContain("process.user.gid: 4294967295 is not an id");
    }

    [Fact]
    public void Limits_are_set_and_may_not_come_twice()
    {
        _bundle.Run(Process(process => process with { Rlimits = [new Rlimit { Type = "RLIMIT_NOFILE", Soft = 100, Hard = 200 }, new Rlimit { Type = "RLIMIT_CORE", Soft = 0, Hard = 0 }] },
            "ulimit -Sn; ulimit -Hn; ulimit -c")).ShouldBe((0, "100\n200\n0", ""));
        _bundle.Run(Process(process => process with { Rlimits = [new Rlimit { Type = "RLIMIT_CORE" }, new Rlimit { Type = "RLIMIT_CORE" }] }, "true"))
            .Error.Plain().ShouldContain("process.rlimits[1].type: \"RLIMIT_CORE\" appears twice");
    }

    [Theory]
    [InlineData("apparmorProfile", "/sys/module/apparmor")]
    [InlineData("selinuxLabel", "/sys/fs/selinux/enforce")]
    [InlineData("mountLabel", "/sys/fs/selinux/enforce")]
    public void A_label_for_a_module_that_the_kernel_lacks_is_refused(string member, string sign)
    {
        if (Path.Exists(sign))
            Assert.Skip($"{sign} is there: this kernel has the module");
        var spec = member switch
        {
            "apparmorProfile" => Process(process => process with { ApparmorProfile = "sampan-default" }, "true"),
            "selinuxLabel" => Process(process => process with { SelinuxLabel = "system_u:system_r:container_t:s0" }, "true"),
            _ => _bundle.Spec("true") is var plain ? plain with { Linux = plain.Linux! with { MountLabel = "system_u:object_r:container_file_t:s0" } } : plain,
        };
        var (code, _, error) = _bundle.Run(spec);
        code.ShouldBe(1);
        error.Plain().ShouldContain(member);
    }
}
