using System.Diagnostics;
using Sampan.Linux;
using Sampan.Linux.Cgroups;
using Sampan.Linux.Io;
using Sampan.Linux.Proc;

namespace Sampan.Kernel.Tests.Cgroups;

/// <summary>The contract of <see cref="ICgroup"/> on whatever the host runs.</summary>
public sealed class CgroupTests : IDisposable
{
    private readonly string _parent = $"/sampan-test-{Guid.NewGuid():n}";
    private readonly CgroupHost _host;
    private readonly List<Process> _processes = [];

    public CgroupTests()
    {
        Assert.SkipUnless(Environment.UserName == "root", "making control groups needs root");
        _host = CgroupHost.Detect();
    }

    public void Dispose()
    {
        if (_host is null)
            return;
        using (var group = _host.Open(_parent))
        {
            if (_host.Exists(_parent))
                group.KillAll(TimeSpan.FromSeconds(10)).ShouldBeTrue();
            group.Remove();
        }

        foreach (var process in _processes)
        {
            process.WaitForExit(10_000);
            process.Dispose();
        }

        _host.Exists(_parent).ShouldBeFalse();
    }

    [Fact]
    public void Makes_a_group_everywhere_and_removes_it()
    {
        using (var group = _host.Create(_parent + "/x"))
        {
            _host.Exists(_parent + "/x").ShouldBeTrue();
            _host.Layout.Hierarchies.ShouldAllBe(hierarchy => Directory.Exists(hierarchy.MountPoint + group.Path));
            group.ReadPids().ShouldBeEmpty();
            group.Remove();
            group.Remove();
        }

        _host.Exists(_parent + "/x").ShouldBeFalse();
        _host.TryRemoveEmpty(_parent).ShouldBeTrue();
        _host.Exists(_parent).ShouldBeFalse();
    }

    [Fact]
    public void An_empty_leftover_is_made_anew_and_one_in_use_is_refused()
    {
        using var first = _host.Create(_parent + "/x");
        first.Apply(new CgroupResources { Pids = 5 });
        using var second = _host.Create(_parent + "/x");
        second.ReadStatistics().Pids.ShouldNotBeNull().Limit.ShouldBeNull();

        second.AddProcess(Sleep());
        Should.Throw<LinuxException>(() => _host.Create(_parent + "/x")).Errno.ShouldBe(Errno.EBUSY);
        second.ReadPids().Count.ShouldBe(1);
    }

    [Fact]
    public void A_thread_joins_by_itself()
    {
        Assert.SkipWhen(_host.Layout.Mode == CgroupMode.V2, "v2 children are cloned into their group");
        using var group = _host.Create(_parent + "/x");
        using var join = group.PrepareJoin();
        (join.CloneInto is null).ShouldBe(_host.Layout.Mode == CgroupMode.V1);

        string[] lines = [];
        var thread = new Thread(() =>
        {
            join.JoinSelf();
            lines = File.ReadAllLines("/proc/thread-self/cgroup");
        });
        thread.Start();
        thread.Join();

        foreach (var hierarchy in _host.Layout.Hierarchies)
            lines.ShouldContain(line => line.EndsWith($":{string.Join(',', hierarchy.Controllers)}:{group.Path}", StringComparison.Ordinal));
    }

    [Fact]
    public void Applies_limits_and_changes_them()
    {
        using var group = _host.Create(_parent + "/x");
        group.Apply(new CgroupResources
        {
            Memory = new MemoryLimits { Limit = 64 << 20, Reservation = 32 << 20 },
            Cpu = new CpuLimits { Shares = 512, Quota = 50_000, Period = 100_000, Cpus = "0", Mems = "0" },
            Pids = 17,
        });
        var statistics = group.ReadStatistics();
        statistics.Memory.ShouldNotBeNull().Limit.ShouldBe(64UL << 20);
        statistics.Pids.ShouldNotBeNull().Limit.ShouldBe(17UL);
        statistics.Cpu.ShouldNotBeNull();
        Content("cpu", "cpu.shares", "cpu.weight").ShouldBeOneOf("512", "59");
        Content("cpu", "cpu.cfs_quota_us", "cpu.max").ShouldBeOneOf("50000", "50000 100000");
        Content("cpuset", "cpuset.cpus", "cpuset.cpus").ShouldBe("0");

        group.Apply(new CgroupResources { Memory = new MemoryLimits { Limit = 128 << 20 }, Pids = -1 });
        statistics = group.ReadStatistics();
        statistics.Memory.ShouldNotBeNull().Limit.ShouldBe(128UL << 20);
        statistics.Pids.ShouldNotBeNull().Limit.ShouldBeNull();
        Content("cpu", "cpu.shares", "cpu.weight").ShouldBeOneOf("512", "59");
    }

    [Fact]
    public void Swap_and_memory_rise_and_fall_in_the_order_the_kernel_wants()
    {
        using var group = _host.Create(_parent + "/x");
        var counted = File.Exists($"/sys/fs/cgroup/memory{group.Path}/memory.memsw.limit_in_bytes") || _host.Layout.Mode == CgroupMode.V2;
        Assert.SkipUnless(counted, "the kernel does not count swap");
        foreach (var size in (long[])[64 << 20, 256 << 20, 32 << 20])
        {
            group.Apply(new CgroupResources { Memory = new MemoryLimits { Limit = size, SwapLimit = size * 2 } });
            group.ReadStatistics().Memory.ShouldNotBeNull().Limit.ShouldBe((ulong)size);
        }
    }

    [Fact]
    public void What_the_host_lacks_is_named()
    {
        using var group = _host.Create(_parent + "/x");
        if (_host.Layout.Find("hugetlb") is null && _host.Layout.Mode != CgroupMode.V2)
        {
            var failure = Should.Throw<LinuxException>(() => group.Apply(new CgroupResources { HugePages = [new HugePageLimit("2MB", 4 << 20)] }));
            failure.Errno.ShouldBe(Errno.EOPNOTSUPP);
            failure.Message.ShouldContain("hugetlb");
        }

        if (_host.Layout.Find("net_cls") is null && _host.Layout.Mode != CgroupMode.V2)
        {
            var failure = Should.Throw<LinuxException>(() => group.Apply(new CgroupResources { NetworkClass = 0x100001 }));
            failure.Errno.ShouldBe(Errno.EOPNOTSUPP);
            failure.Message.ShouldContain("net_cls");
        }

        Should.Throw<LinuxException>(() => group.Apply(new CgroupResources { Unified = new Dictionary<string, string>(StringComparer.Ordinal) { ["../x"] = "1" } }));
        Should.Throw<LinuxException>(() => group.Apply(new CgroupResources { Pids = 1, Cpu = new CpuLimits { Cpus = "999999" } })).Message.ShouldContain("cpuset.cpus");
    }

    [Fact]
    public void Device_rules_become_the_list_of_the_group()
    {
        var devices = _host.Layout.Find("devices");
        Assert.SkipWhen(devices is null, "no v1 devices controller");
        using var group = _host.Create(_parent + "/x");
        group.Apply(new CgroupResources
        {
            Devices =
            [
                new DeviceRule { Allow = false, Access = DeviceAccess.All },
                new DeviceRule { Allow = true, Kind = FileKind.CharacterDevice, Access = DeviceAccess.Make },
                new DeviceRule { Allow = true, Kind = FileKind.CharacterDevice, Major = 1, Minor = 3, Access = DeviceAccess.All },
                new DeviceRule { Allow = true, Kind = FileKind.BlockDevice, Major = 8, Access = DeviceAccess.Read },
            ],
        });
        File.ReadAllLines(devices!.MountPoint + group.Path + "/devices.list").ShouldBe(["c *:* m", "c 1:3 rwm", "b 8:* r"], ignoreOrder: true);

        group.Apply(new CgroupResources { Devices = [new DeviceRule { Allow = true, Access = DeviceAccess.All }] });
        File.ReadAllText(devices.MountPoint + group.Path + "/devices.list").Trim().ShouldBe("a *:* rwm");
    }

    [Fact]
    public void Freezes_and_thaws()
    {
        using var group = _host.Create(_parent + "/x");
        var pid = Start("while :; do :; done");
        group.AddProcess(pid);
        group.IsFrozen.ShouldBeFalse();
        group.Freeze();
        group.IsFrozen.ShouldBeTrue();
        var before = ProcessStat.Read(pid).ShouldNotBeNull().UserTicks;
        for (var i = 0; i < 1000; i++)
            ProcessStat.Read(pid).ShouldNotBeNull().UserTicks.ShouldBe(before);
        group.Thaw();
        group.IsFrozen.ShouldBeFalse();
    }

    [Fact]
    public void Kills_frozen_processes()
    {
        using var group = _host.Create(_parent + "/x");
        group.AddProcess(Sleep());
        group.Freeze();
        group.KillAll(TimeSpan.FromSeconds(10)).ShouldBeTrue();
        group.ReadPids().ShouldBeEmpty();
    }

    [Fact]
    public void Kills_a_fork_bomb()
    {
        using var group = _host.Create(_parent + "/x");
        group.Apply(new CgroupResources { Pids = 200 });
        group.AddProcess(Start("read go; exec perl -e 'fork while 1'", out var process));
        process.StandardInput.WriteLine("go");
        var clock = Stopwatch.StartNew();
        while (group.ReadPids().Count < 100 && clock.Elapsed < TimeSpan.FromMinutes(1))
            Thread.Yield();
        group.ReadPids().Count.ShouldBeGreaterThanOrEqualTo(100);

        group.KillAll(TimeSpan.FromSeconds(20)).ShouldBeTrue();
        group.ReadPids().ShouldBeEmpty();
        group.Remove();
    }

    [Fact]
    public void Kills_and_removes_groups_that_were_made_below()
    {
        using var group = _host.Create(_parent + "/x");
        using var below = _host.Create(_parent + "/x/y/z");
        var pid = Sleep();
        below.AddProcess(pid);
        group.ReadPids().ShouldBe([pid]);
        Should.Throw<LinuxException>(group.Remove).Errno.ShouldBe(Errno.EBUSY);
        group.KillAll(TimeSpan.FromSeconds(10)).ShouldBeTrue();
        group.Remove();
        _host.Exists(_parent + "/x").ShouldBeFalse();
    }

    [Fact]
    public void Memory_limit_kills_and_is_counted()
    {
        using var group = _host.Create(_parent + "/x");
        group.Apply(new CgroupResources { Memory = new MemoryLimits { Limit = 16 << 20, SwapLimit = File.Exists("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes") ? 16 << 20 : null } });
        group.ReadOomKills().ShouldBe(0);
        group.AddProcess(Start("read go; x=$(head -c 100000000 /dev/zero | tr '\\0' a); echo ${#x}", out var process));
        process.StandardInput.WriteLine("go");
        process.WaitForExit(30_000).ShouldBeTrue();
        group.ReadOomKills().ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Counts_what_processes_use()
    {
        using var group = _host.Create(_parent + "/x");
        group.AddProcess(Start("read go; i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo done; read end", out var process));
        process.StandardInput.WriteLine("go");
        process.StandardOutput.ReadLine().ShouldBe("done");
        var statistics = group.ReadStatistics();
        statistics.Cpu.ShouldNotBeNull().Total.ShouldBeGreaterThan(0UL);
        statistics.Memory.ShouldNotBeNull().Usage.ShouldBeGreaterThan(0UL);
        statistics.Memory.Details.ShouldNotBeEmpty();
        statistics.Pids.ShouldNotBeNull().Current.ShouldBeGreaterThanOrEqualTo(1UL);
    }

    private string Content(string controller, string v1File, string v2File) => (_host.Layout.Find(controller) is { } hierarchy
        ? File.ReadAllText($"{hierarchy.MountPoint}{_parent}/x/{v1File}")
        : File.ReadAllText($"{_host.Layout.UnifiedMountPoint}{_parent}/x/{v2File}")).Trim();

    private int Sleep() => Start("exec sleep 1000");

    private int Start(string script) => Start(script, out _);

    private int Start(string script, out Process process)
    {
        process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true }).ShouldNotBeNull();
        _processes.Add(process);
        return process.Id;
    }
}
