using System.Diagnostics;
using Sampan.Linux;
using Sampan.Linux.Bpf;
using Sampan.Linux.Cgroups;
using Sampan.Linux.Cgroups.V2;
using Sampan.Linux.Io;
using Sampan.Linux.Proc;

namespace Sampan.Kernel.Tests.Cgroups;

/// <summary>The v2 code against a real cgroup2 mount: the host's own on a v2 host, the one beside v1 on a hybrid host (which has few controllers).</summary>
public sealed class UnifiedCgroupTests : IDisposable
{
    private readonly string _path = $"/sampan-test-{Guid.NewGuid():n}";
    private readonly string _mountPoint = "";
    private readonly CgroupHost? _host;
    private readonly List<Process> _processes = [];

    public UnifiedCgroupTests()
    {
        Assert.SkipUnless(Environment.UserName == "root", "making control groups needs root");
        var layout = CgroupHost.Detect().Layout;
        Assert.SkipWhen(layout.UnifiedMountPoint is null, "no cgroup2 is mounted");
        _mountPoint = layout.UnifiedMountPoint!;
        _host = CgroupHost.Of(new CgroupLayout { Mode = CgroupMode.V2, Hierarchies = [], UnifiedMountPoint = _mountPoint });
    }

    public void Dispose()
    {
        if (_host is null)
            return;
        using (var group = _host.Open(_path))
        {
            group.KillAll(TimeSpan.FromSeconds(10)).ShouldBeTrue();
            group.Remove();
        }

        foreach (var process in _processes)
        {
            process.WaitForExit(10_000);
            process.Dispose();
        }
    }

    private CgroupHost Host => _host.ShouldNotBeNull();

    [Fact]
    public void Controllers_of_the_root_are_passed_down()
    {
        using var group = Host.Create(_path + "/a/b");
        string[] wanted = ["cpu", "cpuset", "io", "memory", "pids", "hugetlb"];
        var root = File.ReadAllText(_mountPoint + "/cgroup.controllers").Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        var here = File.ReadAllText(_mountPoint + group.Path + "/cgroup.controllers").Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        here.Intersect(wanted).ShouldBe(root.Intersect(wanted), ignoreOrder: true);
    }

    [Fact]
    public void A_limit_without_its_controller_is_named()
    {
        Assert.SkipWhen(File.ReadAllText(_mountPoint + "/cgroup.controllers").Contains("memory", StringComparison.Ordinal), "the memory controller is on v2 here");
        using var group = Host.Create(_path);
        var failure = Should.Throw<LinuxException>(() => group.Apply(new CgroupResources { Memory = new MemoryLimits { Limit = 1 << 20 } }));
        failure.Errno.ShouldBe(Errno.EOPNOTSUPP);
        failure.Message.ShouldContain("memory.max");
    }

    [Theory]
    [InlineData("../cgroup.procs")]
    [InlineData("cgroup.procs")]
    [InlineData("")]
    public void Unified_resources_are_names_of_controls_only(string file)
    {
        using var group = Host.Create(_path);
        Should.Throw<LinuxException>(() => group.Apply(new CgroupResources { Unified = new Dictionary<string, string>(StringComparer.Ordinal) { [file] = "1" } })).Errno.ShouldBe(Errno.EINVAL);
    }

    [Fact]
    public void Freezes_thaws_and_kills_what_is_frozen()
    {
        using var group = Host.Create(_path);
        var pid = Start("while :; do :; done");
        group.AddProcess(pid);
        group.ReadPids().ShouldBe([pid]);
        group.Freeze();
        group.IsFrozen.ShouldBeTrue();
        var before = ProcessStat.Read(pid).ShouldNotBeNull().UserTicks;
        for (var i = 0; i < 1000; i++)
            ProcessStat.Read(pid).ShouldNotBeNull().UserTicks.ShouldBe(before);
        group.Thaw();
        group.IsFrozen.ShouldBeFalse();
        group.Freeze();
        group.KillAll(TimeSpan.FromSeconds(10)).ShouldBeTrue();
        group.ReadPids().ShouldBeEmpty();
    }

    [Fact]
    public void Kills_whole_trees_and_removes_them()
    {
        using var group = Host.Create(_path);
        using var below = Host.Create(_path + "/x/y");
        // The children come after their parent is in the group: what was forked before would stay outside, and live on.
        below.AddProcess(Start("read go; sleep 1000 & sleep 1000 & echo both; wait", out var shell));
        shell.StandardInput.WriteLine("go");
        shell.StandardOutput.ReadLine().ShouldBe("both");
        below.ReadPids().Count.ShouldBe(3);
        Should.Throw<LinuxException>(group.Remove).Errno.ShouldBe(Errno.EBUSY);
        group.KillAll(TimeSpan.FromSeconds(10)).ShouldBeTrue();
        group.Remove();
        Host.Exists(_path).ShouldBeFalse();
    }

    [Fact]
    public void Counts_cpu_time_without_controllers()
    {
        using var group = Host.Create(_path);
        group.AddProcess(Start("read go; i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo done; read end", out var process));
        process.StandardInput.WriteLine("go");
        process.StandardOutput.ReadLine().ShouldBe("done");
        group.ReadStatistics().Cpu.ShouldNotBeNull().Total.ShouldBeGreaterThan(0UL);
    }

    [Fact]
    public void Device_rules_are_kept_by_the_kernel()
    {
        using var group = Host.Create(_path);
        group.Apply(new CgroupResources
        {
            Devices =
            [
                new DeviceRule { Allow = false, Access = DeviceAccess.All },
                new DeviceRule { Allow = true, Kind = FileKind.CharacterDevice, Major = 1, Minor = 3, Access = DeviceAccess.All },
                new DeviceRule { Allow = true, Kind = FileKind.CharacterDevice, Major = 1, Minor = 5, Access = DeviceAccess.Read },
            ],
        });
        Answers(group).ShouldBe("null read zero-readable zero-not-writable full-denied");

        // New rules replace the old ones: there is one program, not two that both must agree.
        group.Apply(new CgroupResources { Devices = [new DeviceRule { Allow = true, Access = DeviceAccess.All }] });
        using (var root = RootPath.Open(_mountPoint))
        using (var directory = root.OpenDirectory(group.Path))
            DeviceFilter.Attached(directory, group.Path).Count.ShouldBe(1);
        Answers(group).ShouldBe("null read zero-readable zero-writable full-readable");
    }

    [Fact]
    public void A_program_the_verifier_refuses_is_reported_in_its_words()
    {
        var failure = Should.Throw<LinuxException>(() => BpfProgram.Load(Sampan.Linux.Syscalls.Sys.BPF_PROG_TYPE_CGROUP_DEVICE, [new Sampan.Linux.Syscalls.Sys.bpf_insn(0xb7, 0, 0, 1)], "device filter", "test"));
        failure.Message.ShouldContain("device filter");
        failure.Errno.ShouldBeOneOf(Errno.EINVAL, Errno.EACCES);
    }

    private string Answers(ICgroup group)
    {
        group.AddProcess(Start("read go; { true < /dev/null; } && echo null read; { true < /dev/zero; } && echo zero-readable || echo zero-not-readable; { true > /dev/zero; } && echo zero-writable || echo zero-not-writable; { true < /dev/full; } && echo full-readable || echo full-denied; echo end", out var process));
        process.StandardInput.WriteLine("go");
        var words = new List<string>();
        while (process.StandardOutput.ReadLine() is { } line && line != "end")
            words.Add(line);
        return string.Join(' ', words);
    }

    private int Start(string script) => Start(script, out _);

    private int Start(string script, out Process process)
    {
        process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true }).ShouldNotBeNull();
        _processes.Add(process);
        return process.Id;
    }
}
