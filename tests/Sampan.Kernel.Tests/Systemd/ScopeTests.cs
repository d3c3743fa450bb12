using System.Text.Json;
using Sampan.Kernel.Tests.Runtime;
using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Systemd;

/// <summary>Containers in scopes of a real systemd.</summary>
public sealed class ScopeTests(SystemdMachine machine) : IClassFixture<SystemdMachine>, IDisposable
{
    private readonly OciBundle? _bundle = machine.WhyNot is null ? new OciBundle() : null;

    private OciBundle Bundle
    {
        get
        {
            Assert.SkipWhen(machine.WhyNot is not null, machine.WhyNot ?? "");
            return _bundle.ShouldNotBeNull();
        }
    }

    private string Scope => $"sampan-{Bundle.Id}.scope";

    private string Group(string slices = "a.slice/a-b.slice") => $"{machine.Root}/{slices}/{Scope}";

    public void Dispose()
    {
        if (_bundle is null)
            return;
        Call("delete", "--force", _bundle.Id);
        _bundle.Dispose();
    }

    private (int Code, string Output, string Error) Call(params string[] args) =>
        machine.Run(Bundle.Program, ["--root", Bundle.Location + "/state", "--systemd-cgroup", .. args]);

    private void Require(params string[] args) => Call(args).ShouldBe((0, "", ""));

    private RuntimeSpec Write(string script, string? path, Resources? resources = null)
    {
        var spec = Bundle.Spec(script);
        spec = spec with { Linux = spec.Linux! with { CgroupsPath = path, Resources = resources ?? spec.Linux.Resources } };
        Bundle.Write(spec);
        return spec;
    }

    private string Read(string file) => File.ReadAllText($"{Group()}/{file}").Trim();

    [Fact]
    public void A_container_lives_in_a_scope_that_has_its_limits_and_goes_with_it()
    {
        Write("while :; do sleep 1; done", $"a-b.slice:sampan:{Bundle.Id}", new Resources
        {
            Memory = new MemoryLimits { Limit = 64 << 20, Swap = 64 << 20, Reservation = 16 << 20 },
            Cpu = new CpuLimits { Shares = 512, Quota = 30_000, Period = 60_000, Cpus = "0" },
            Pids = new PidsLimit { Limit = 20 },
            Unified = new Dictionary<string, string> { ["memory.high"] = $"{60 << 20}" },
            Devices = [new DeviceRule { Allow = false, Access = "rwm" }],
        });
        Require("create", "--bundle", Bundle.Location, Bundle.Id);
        machine.Show(Scope, "ActiveState,Slice,Delegate,ControlGroup,MemoryMax,MemoryHigh,MemoryLow,MemorySwapMax,CPUQuotaPerSecUSec,CPUQuotaPeriodUSec,TasksMax,AllowedCPUs").Split(' ')
            .ShouldBe(
            [
                "Slice=a-b.slice", $"ControlGroup=/a.slice/a-b.slice/{Scope}", "CPUQuotaPerSecUSec=500ms", "CPUQuotaPeriodUSec=60ms", "AllowedCPUs=0", "Delegate=yes",
                $"MemoryLow={16 << 20}", $"MemoryHigh={60 << 20}", $"MemoryMax={64 << 20}", "MemorySwapMax=0", "TasksMax=20", "ActiveState=active",
            ], ignoreOrder: true);
        Read("cgroup.procs").Split('\n').Length.ShouldBe(1, "only init is in the scope");
        CheckFiles();

        Require("start", Bundle.Id);
        Require("exec", Bundle.Id, "/bin/true");
        Require("pause", Bundle.Id);
        Read("cgroup.events").ShouldContain("frozen 1");
        Require("resume", Bundle.Id);

        // Its configuration loaded anew, systemd writes what it knows: nothing of ours is lost.
        machine.Run("systemctl", "daemon-reload").ShouldBe((0, "", ""));
        CheckFiles();
        Call("exec", Bundle.Id, "/bin/sh", "-c", "echo x >/dev/full").Error.ShouldContain("No space left", Case.Sensitive, "/dev/full is allowed");
        Call("exec", Bundle.Id, "/bin/sh", "-c", "busybox mknod /tmp/kmsg c 1 11 && cat /tmp/kmsg").Error.ShouldContain("not permitted", Case.Sensitive, "/dev/kmsg is not");

        Require("update", "--memory", "48M", "--memory-swap", "48M", "--pids-limit", "30", "--cpu-quota", "15000", Bundle.Id);
        machine.Show(Scope, "MemoryMax,TasksMax,CPUQuotaPerSecUSec").Split(' ').ShouldBe([$"MemoryMax={48 << 20}", "TasksMax=30", "CPUQuotaPerSecUSec=250ms"], ignoreOrder: true);
        (Read("memory.max"), Read("pids.max"), Read("cpu.max")).ShouldBe(($"{48 << 20}", "30", "15000 60000"));

        Call("delete", Bundle.Id).Error.ShouldContain("not stopped");
        Require("kill", Bundle.Id, "KILL");
        SystemdMachine.Await("the container to stop", () => State().Status == "stopped");
        Require("delete", Bundle.Id);
        Directory.Exists(Group()).ShouldBeFalse();
        machine.Show(Scope, "LoadState").ShouldBe("LoadState=not-found");
    }

    private void CheckFiles()
    {
        (Read("memory.max"), Read("memory.low"), Read("memory.high")).ShouldBe(($"{64 << 20}", $"{16 << 20}", $"{60 << 20}"));
        (Read("cpu.max"), Read("cpu.weight"), Read("cpuset.cpus"), Read("pids.max")).ShouldBe(("30000 60000", "59", "0", "20"));
    }

    [Fact]
    public void A_program_that_ends_takes_its_scope_along()
    {
        Write("exit 23", path: null);
        Call("run", "--bundle", Bundle.Location, Bundle.Id).ShouldBe((23, "", ""));
        machine.Show(Scope, "LoadState").ShouldBe("LoadState=not-found");
        Directory.Exists(Group("system.slice")).ShouldBeFalse();
    }

    [Fact]
    public void A_scope_that_was_killed_for_want_of_memory_leaves_nothing_and_its_name_is_free()
    {
        var spec = Write("busybox dd if=/dev/zero of=/dev/null bs=64M", $"a-b.slice:sampan:{Bundle.Id}");
        Bundle.Write(spec with { Linux = spec.Linux! with { Resources = new Resources { Memory = new MemoryLimits { Limit = 8 << 20, Swap = 8 << 20 } } } });
        for (var i = 0; i < 2; i++)
        {
            Call("run", "--bundle", Bundle.Location, Bundle.Id).Code.ShouldBe(137);
            machine.Show(Scope, "LoadState").ShouldBe("LoadState=not-found");
        }
    }

    [Fact]
    public void Of_two_containers_with_one_scope_the_second_is_refused_and_the_first_lives_on()
    {
        Write("while :; do sleep 1; done", $"a-b.slice:sampan:{Bundle.Id}");
        Require("create", "--bundle", Bundle.Location, Bundle.Id);
        Require("start", Bundle.Id);
        var (code, _, error) = Call("create", "--bundle", Bundle.Location, Bundle.Id + "-2");
        code.ShouldBe(1);
        error.ShouldContain("org.freedesktop.systemd1.UnitExists");
        State().Status.ShouldBe("running");
        Require("delete", "--force", Bundle.Id);
    }

    [Fact]
    public void A_launch_that_fails_leaves_no_scope()
    {
        var spec = Write("true", $"a-b.slice:sampan:{Bundle.Id}");
        Bundle.Write(spec with { Mounts = [.. spec.Mounts, new Mount { Destination = "/x", Type = "bind", Source = "/no/such", Options = ["bind"] }] });
        Call("create", "--bundle", Bundle.Location, Bundle.Id).Code.ShouldBe(1);
        machine.Show(Scope, "LoadState").ShouldBe("LoadState=not-found");
        Directory.Exists(Group()).ShouldBeFalse();
    }

    [Fact]
    public void What_systemd_does_not_know_is_told_in_its_words()
    {
        var spec = Write("true", $"a-b.slice:sampan:{Bundle.Id}");
        Bundle.Write(spec with { Annotations = new Dictionary<string, string> { ["org.systemd.property.CollectMode"] = "'never'" } });
        Call("create", "--bundle", Bundle.Location, Bundle.Id).Error.ShouldContain("systemd refused StartTransientUnit");
    }

    private ContainerState State() => JsonSerializer.Deserialize(Call("state", Bundle.Id).Output, OciRuntimeJson.Default.ContainerState).ShouldNotBeNull();
}
