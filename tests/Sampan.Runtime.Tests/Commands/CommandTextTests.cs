using Sampan.Linux.Cgroups;
using Sampan.Linux.Io;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Bundles;
using Sampan.Runtime.Commands;

namespace Sampan.Runtime.Tests.Commands;

/// <summary>Texts in and out of the commands.</summary>
public sealed class CommandTextTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("-1", -1)]
    [InlineData("123", 123)]
    [InlineData("123b", 123)]
    [InlineData("5M", 5L << 20)]
    [InlineData("5MB", 5L << 20)]
    [InlineData("5MiB", 5L << 20)]
    [InlineData("1.5g", 3L << 29)]
    [InlineData("2k", 2048)]
    public void A_number_of_bytes_has_units(string text, long bytes)
    {
        ByteCount.TryParse(text, out var parsed).ShouldBeTrue();
        parsed.ShouldBe(bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("k")]
    [InlineData("-2")]
    [InlineData("5x")]
    [InlineData("5mb5")]
    [InlineData("1.2.3m")]
    [InlineData("99999999999999999999")]
    [InlineData("9999999999999p")]
    public void What_is_no_number_of_bytes_is_refused(string text) => ByteCount.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("5s", 5000)]
    [InlineData("1m30s", 90_000)]
    [InlineData("250ms", 250)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("0", 0)]
    public void A_time_is_written_as_in_Go(string text, double milliseconds)
    {
        GoDuration.TryParse(text, out var time).ShouldBeTrue();
        time.TotalMilliseconds.ShouldBe(milliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("5 s")]
    [InlineData("999999999999h")]
    public void What_is_no_time_is_refused(string text) => GoDuration.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void Counters_have_runcs_shape()
    {
        var counters = new CgroupStatistics
        {
            Cpu = new CpuStatistics { Total = 100, User = 60, System = 40, PerProcessor = [70, 30], Periods = 3, ThrottledPeriods = 2, ThrottledTime = 1 },
            Memory = new MemoryStatistics { Usage = 4096, MaxUsage = 8192, Swap = 10, FailCount = 5, Details = new Dictionary<string, ulong> { ["cache"] = 7, ["anon"] = 8 }, Kernel = new MemoryShare(11, 12, null, 0), KernelTcp = new MemoryShare(13, 14, 15, 16) },
            Pids = new PidsStatistics(3, 200),
            BlockIo = [new BlockIoStatistics(new DeviceNumber(8, 0), 1, 2, 3, 0)],
            HugePages = [new HugePageStatistics("1GB", 0, null, 0), new HugePageStatistics("2MB", 4194304, 8388608, 9)],
            Rdma = [new RdmaStatistics("mlx5_0", 2, 30, 100, null)],
        };
        Golden.Check("events.txt", $"{StatisticsJson.Line("box", counters, swapWithMemory: true)}\n{StatisticsJson.Line("empty", new CgroupStatistics(), swapWithMemory: false)}\n{StatisticsJson.OomLine("box")}\n");
    }

    [Fact]
    public void Log_lines_are_runcs()
    {
        var at = new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.FromHours(2));
        CommandLog.Format("error", "exec: \"a\"\n'ü'", at.ToUniversalTime(), json: true).ShouldBe("{\"level\":\"error\",\"msg\":\"exec: \\\"a\\\"\\n'ü'\",\"time\":\"2024-05-06T05:08:09Z\"}\n");
        CommandLog.Format("error", "exec: \"a\"", at.ToUniversalTime(), json: false).ShouldBe("time=\"2024-05-06T05:08:09Z\" level=error msg=\"exec: \\\"a\\\"\"\n");
        CommandLog.Format("warning", "plain", at.ToUniversalTime(), json: false).ShouldBe("time=\"2024-05-06T05:08:09Z\" level=warning msg=plain\n");
    }

    [Fact]
    public void Ps_keeps_the_heading_and_the_lines_of_the_container()
    {
        const string Table = "  PID USER  COMMAND\n    1 root  init\n   12 root  sleep 7 12\n  123 root  sh\n";
        PsCommand.Select(Table, new HashSet<int> { 12, 123 }).ShouldBe("  PID USER  COMMAND\n   12 root  sleep 7 12\n  123 root  sh\n");
        Should.Throw<RuntimeException>(() => PsCommand.Select("USER\nroot\n", new HashSet<int> { 1 })).Message.ShouldContain("PID");
        Should.Throw<RuntimeException>(() => PsCommand.Select("", new HashSet<int>()));
    }

    [Theory]
    [InlineData("/own", "", "/own")]
    [InlineData("/own", "/", "/own")]
    [InlineData("/own", "a/b", "/own/a/b")]
    [InlineData("/own", "/a/", "/own/a")]
    public void A_cgroup_of_exec_is_below_the_containers(string own, string asked, string path) => SubCgroup.Read(own, [asked]).Path.ShouldBe(path);

    [Fact]
    public void Cgroups_of_exec_are_named_by_controller()
    {
        var (path, others) = SubCgroup.Read("/own", ["memory,cpu:/a/", "pids:b"]);
        path.ShouldBe("/own");
        others.ShouldBe(new Dictionary<string, string> { ["memory"] = "/own/a", ["cpu"] = "/own/a", ["pids"] = "/own/b" });
        SubCgroup.Read("/own", []).Path.ShouldBe("/own");
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/../../b")]
    [InlineData("memory:../a")]
    [InlineData("memory:a:b")]
    [InlineData("memory,memory:a")]
    [InlineData(",memory:a")]
    [InlineData(":a")]
    public void A_cgroup_of_exec_elsewhere_is_refused(string asked) => Should.Throw<RuntimeException>(() => SubCgroup.Read("/own", [asked])).Message.ShouldContain(asked);

    [Fact]
    public void Several_cgroups_of_exec_need_their_controllers() => Should.Throw<RuntimeException>(() => SubCgroup.Read("/own", ["a", "memory:b"])).Message.ShouldContain("CONTROLLER");

    [Fact]
    public void Options_of_exec_change_the_configured_process()
    {
        var configured = new OciProcess { Args = ["old"], Terminal = true, Cwd = "/w", Env = ["A=1"], User = new OciUser { Uid = 1, Gid = 2, AdditionalGids = [3] }, NoNewPrivileges = true };
        OciProcess Describe(params string[] args) => ExecCommand.Describe(configured, CommandArguments.Parse(ExecCommand.Definition, args));
        var plain = Describe("id", "new", "-x");
        plain.Args.ShouldBe(["new", "-x"]);
        (plain.Terminal, plain.Cwd, plain.NoNewPrivileges, plain.User.Uid).ShouldBe((false, "/w", true, 1u));
        var changed = Describe("-t", "-u", "7", "-g", "9", "-e", "B=2", "--cwd", "/v", "--no-new-privs=false", "-c", "CAP_KILL", "id", "new");
        (changed.Terminal, changed.Cwd, changed.NoNewPrivileges, changed.User.Uid, changed.User.Gid).ShouldBe((true, "/v", false, 7u, 2u));
        changed.User.AdditionalGids.ShouldBe([3u, 9u]);
        changed.Env.ShouldBe(["A=1", "B=2"]);
        changed.Capabilities.ShouldNotBeNull().Bounding.ShouldBe(["CAP_KILL"]);
        changed.Capabilities.Inheritable.ShouldBeEmpty();
        changed.Capabilities.Ambient.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("root")]
    [InlineData("-1")]
    [InlineData("4294967296")]
    [InlineData("2147483648")]
    [InlineData("1:")]
    [InlineData("1:wheel")]
    public void A_user_is_two_numbers_within_range(string user) =>
        Should.Throw<UsageException>(() => ExecCommand.Describe(new OciProcess(), CommandArguments.Parse(ExecCommand.Definition, ["-u", user, "id", "x"])));

    [Fact]
    public void Options_of_update_are_resources()
    {
        var resources = UpdateCommand.FromOptions(CommandArguments.Parse(UpdateCommand.Definition, ["--memory", "1g", "--memory-swap", "-1", "--cpu-quota", "-1", "--cpu-idle", "1", "--pids-limit", "9", "id"]));
        resources.Memory.ShouldBe(new Oci.Runtime.MemoryLimits { Limit = 1L << 30, Swap = -1 });
        resources.Cpu.ShouldBe(new Oci.Runtime.CpuLimits { Quota = -1, Idle = 1 });
        resources.Pids.ShouldNotBeNull().Limit.ShouldBe(9);
        resources.BlockIo.ShouldBeNull();
        Should.Throw<UsageException>(() => UpdateCommand.FromOptions(CommandArguments.Parse(UpdateCommand.Definition, ["--cpu-idle", "2", "id"]))).Message.ShouldContain("cpu-idle");
    }

    [Fact]
    public void Spec_writes_what_runc_writes()
    {
        Golden.Check("spec.json", IndentedJson.Format(SpecDocument.Write(DefaultSpec.Privileged()), indent: 0, dropsEmpty: true) + "\n");
        Golden.Check("spec-rootless.json", IndentedJson.Format(SpecDocument.Write(DefaultSpec.Rootless(1000, 1001)), indent: 0, dropsEmpty: true) + "\n");
    }
}
