using Sampan.Linux;
using Sampan.Linux.Cgroups;
using Sampan.Linux.Io;

namespace Sampan.Kernel.Tests.Cgroups;

/// <summary>What limits become in the files of a v2 group, on a host whose controllers are v2's: the guest suite has one.</summary>
public sealed class UnifiedLimitTests : IDisposable
{
    private readonly string _path = $"/sampan-test-{Guid.NewGuid():n}";
    private readonly CgroupHost _host = CgroupHost.Detect();
    private readonly string _mountPoint;

    public UnifiedLimitTests()
    {
        Assert.SkipUnless(Environment.UserName == "root", "making control groups needs root");
        _mountPoint = _host.Layout.UnifiedMountPoint ?? "";
        Assert.SkipWhen(_mountPoint.Length == 0, "no cgroup2 is mounted");
    }

    private CgroupHost Unified => CgroupHost.Of(new CgroupLayout { Mode = CgroupMode.V2, Hierarchies = [], UnifiedMountPoint = _mountPoint });

    public void Dispose()
    {
        if (_mountPoint.Length == 0)
            return;
        using var group = Unified.Open(_path);
        group.Remove();
    }

    [Fact]
    public void Limits_are_written_in_v2s_units()
    {
        using var group = Create();
        group.Apply(new CgroupResources
        {
            Memory = new MemoryLimits { Limit = 64 << 20, SwapLimit = 96 << 20, Reservation = 32 << 20 },
            Cpu = new CpuLimits { Shares = 1024, Quota = 50_000, Period = 100_000, Burst = 20_000, Cpus = "0", Mems = "0" },
            Pids = 17,
        });
        Read("memory.max").ShouldBe($"{64 << 20}");
        Read("memory.swap.max").ShouldBe($"{32 << 20}");
        Read("memory.low").ShouldBe($"{32 << 20}");
        Read("cpu.weight").ShouldBe("100");
        Read("cpu.max").ShouldBe("50000 100000");
        Read("cpu.max.burst").ShouldBe("20000");
        Read("cpuset.cpus").ShouldBe("0");
        Read("pids.max").ShouldBe("17");

        group.Apply(new CgroupResources { Memory = new MemoryLimits { Limit = -1, SwapLimit = -1 }, Cpu = new CpuLimits { Quota = -1 }, Pids = -1 });
        Read("memory.max").ShouldBe("max");
        Read("memory.swap.max").ShouldBe("max");
        Read("cpu.max").ShouldBe("max 100000");
        Read("cpu.weight").ShouldBe("100");
        Read("pids.max").ShouldBe("max");
    }

    [Fact]
    public void An_idle_group_has_no_weight()
    {
        using var group = Create();
        group.Apply(new CgroupResources { Cpu = new CpuLimits { Idle = 1, Shares = 512 } });
        Read("cpu.idle").ShouldBe("1");
        group.Apply(new CgroupResources { Cpu = new CpuLimits { Idle = 0, Shares = 1024 } });
        Read("cpu.idle").ShouldBe("0");
        Read("cpu.weight").ShouldBe("100");
    }

    [Fact]
    public void Rates_of_a_block_device_are_set_one_by_one_and_lifted_by_0()
    {
        using var group = Create();
        var device = BlockDevice();
        group.Apply(new CgroupResources { BlockIo = new BlockIoLimits { ReadBytesPerSecond = [(device, 1 << 20)], WritesPerSecond = [(device, 200)] } });
        Read("io.max").ShouldBe($"{device} rbps=1048576 wbps=max riops=max wiops=200");
        group.Apply(new CgroupResources { BlockIo = new BlockIoLimits { ReadBytesPerSecond = [(device, 0)], WritesPerSecond = [(device, 0)] } });
        Read("io.max").ShouldBe("");
    }

    [Fact]
    public void Unified_resources_are_written_as_they_are()
    {
        using var group = Create();
        group.Apply(new CgroupResources { Unified = new Dictionary<string, string>(StringComparer.Ordinal) { ["memory.high"] = $"{48 << 20}", ["memory.oom.group"] = "1" } });
        Read("memory.high").ShouldBe($"{48 << 20}");
        Read("memory.oom.group").ShouldBe("1");
    }

    [Fact]
    public void Huge_pages_are_limited_with_their_reservations()
    {
        using var group = Create("hugetlb");
        Assert.SkipUnless(File.Exists(_mountPoint + _path + "/hugetlb.2MB.max"), "no huge pages of 2 MB");
        group.Apply(new CgroupResources { HugePages = [new HugePageLimit("2MB", 4 << 20)] });
        Read("hugetlb.2MB.max").ShouldBe($"{4 << 20}");
        Read("hugetlb.2MB.rsvd.max").ShouldBe($"{4 << 20}");
    }

    [Fact]
    public void What_v2_has_no_control_for_is_refused_by_name()
    {
        using var group = Create();
        Refused(new CgroupResources { NetworkClass = 0x100001 }, "network class");
        Refused(new CgroupResources { NetworkPriorities = [("lo", 5)] }, "network priorities");
        Refused(new CgroupResources { Memory = new MemoryLimits { Swappiness = 10 } }, "swappiness");
        Refused(new CgroupResources { Memory = new MemoryLimits { KernelTcp = 1 << 20 } }, "TCP");
        Refused(new CgroupResources { Cpu = new CpuLimits { RealtimeRuntime = 1000 } }, "real-time");
        Refused(new CgroupResources { BlockIo = new BlockIoLimits { LeafWeight = 100 } }, "leaf weight");

        void Refused(CgroupResources resources, string words)
        {
            var failure = Should.Throw<LinuxException>(() => group.Apply(resources));
            failure.Errno.ShouldBe(Errno.EOPNOTSUPP);
            failure.Message.ShouldContain(words);
        }
    }

    [Fact]
    public void A_limit_below_the_current_use_can_be_refused_beforehand()
    {
        using var group = Create();
        File.WriteAllText(_mountPoint + _path + "/memory.max", "max");
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-c", "read go; x=$(head -c 4000000 /dev/zero | tr '\\0' x); echo full; read end"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        }).ShouldNotBeNull();
        try
        {
            group.AddProcess(process.Id);
            process.StandardInput.WriteLine("go");
            process.StandardOutput.ReadLine().ShouldBe("full");
            var failure = Should.Throw<LinuxException>(() => group.Apply(new CgroupResources { Memory = new MemoryLimits { Limit = 1 << 20, CheckBeforeUpdate = true } }));
            failure.Errno.ShouldBe(Errno.EBUSY);
            Read("memory.max").ShouldBe("max");
        }
        finally
        {
            group.KillAll(TimeSpan.FromSeconds(30)).ShouldBeTrue();
            process.WaitForExit(30_000).ShouldBeTrue();
        }
    }

    [Fact]
    public void Below_a_threaded_group_no_group_of_processes_is_made()
    {
        using var group = Unified.Create(_path);
        Directory.CreateDirectory(_mountPoint + _path + "/threads");
        File.WriteAllText(_mountPoint + _path + "/threads/cgroup.type", "threaded");
        var failure = Should.Throw<LinuxException>(() => Unified.Create(_path + "/threads/x"));
        failure.Message.ShouldContain("threaded");
        Unified.Exists(_path + "/threads/x").ShouldBeFalse();
    }

    [Fact]
    public void Below_a_group_with_processes_groups_of_processes_are_made_without_controllers()
    {
        using var group = Create();
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-c", "read end"]) { RedirectStandardInput = true, UseShellExecute = false }).ShouldNotBeNull();
        try
        {
            group.AddProcess(process.Id);
            using var below = Unified.Create(_path + "/below");
            Read("cgroup.type").ShouldBe("domain");
            File.ReadAllText($"{_mountPoint}{_path}/below/cgroup.controllers").Trim().ShouldBeEmpty();
        }
        finally
        {
            group.KillAll(TimeSpan.FromSeconds(30)).ShouldBeTrue();
            process.WaitForExit(30_000).ShouldBeTrue();
        }
    }

    private ICgroup Create(string controller = "memory")
    {
        var controllers = File.ReadAllText(_mountPoint + "/cgroup.controllers").Split([' ', '\n']);
        Assert.SkipUnless(controllers.Contains(controller), $"the {controller} controller is not on v2 here");
        return Unified.Create(_path);
    }

    private string Read(string file) => File.ReadAllText($"{_mountPoint}{_path}/{file}").Trim();

    private static DeviceNumber BlockDevice()
    {
        foreach (var disk in Directory.GetDirectories("/sys/block"))
        {
            // Limits are for whole disks, not for what is made of memory.
            if (Directory.Exists(disk + "/device") && File.ReadAllText(disk + "/dev").Trim().Split(':') is [var major, var minor])
                return new DeviceNumber(uint.Parse(major), uint.Parse(minor));
        }
        Assert.Skip("there is no disk");
        return default;
    }
}
