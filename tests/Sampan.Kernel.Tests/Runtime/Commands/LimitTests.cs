using System.Text.Json;
using Sampan.Linux.Cgroups;
using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Runtime.Commands;

/// <summary><c>update</c> and <c>events</c> on real control groups.</summary>
[Trait("guest", "long")]
public sealed class LimitTests : IDisposable
{
    private readonly CommandBundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    private (ulong? Memory, ulong? Pids, string Cpus) Limits()
    {
        using var cgroup = CgroupHost.Detect().Open(_bundle.CgroupPath);
        var counters = cgroup.ReadStatistics();
        var cpus = File.ReadLines($"/proc/{_bundle.Pid()}/status").First(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)).Split('\t')[1];
        return (counters.Memory?.Limit, counters.Pids?.Limit, cpus);
    }

    [Fact]
    public void Update_changes_what_is_given_and_leaves_the_rest()
    {
        _bundle.RunSleeping();
        var (memory, pids, cpus) = Limits();
        (memory, pids).ShouldBe((128UL << 20, 200UL));
        _bundle.Run("update", "--memory", "64M", _bundle.Id).ShouldBe((0, "", ""));
        Limits().ShouldBe((64UL << 20, 200UL, cpus));
        _bundle.Run("update", "--pids-limit", "50", "--cpu-share", "512", "--cpu-period", "100000", "--cpu-quota", "50000", "--cpuset-cpus", "0", _bundle.Id).ShouldBe((0, "", ""));
        Limits().ShouldBe((64UL << 20, 50UL, "0"));
        _bundle.RunWith("""{"memory": {"limit": 100663296, "swap": 0, "reservation": 0}, "cpu": {"shares": 0, "quota": 0, "cpus": ""}, "pids": {"limit": -1}, "blockIO": {"weight": 0}}""", "update", "--resources", "-", _bundle.Id)
            .ShouldBe((0, "", ""));
        Limits().ShouldBe((96UL << 20, null, "0"));
        File.WriteAllText(_bundle.Base + "/resources.json", """{"pids": {"limit": 77}}""");
        _bundle.Run("update", "-r", _bundle.Base + "/resources.json", _bundle.Id).ShouldBe((0, "", ""));
        Limits().Pids.ShouldBe(77UL);
    }

    [Theory]
    [InlineData("--memory", "lots", "'lots' is no number of bytes")]
    [InlineData("--pids-limit", "many", "it is not a number")]
    [InlineData("--l3-cache-schema", "L3:0=f", "--l3-cache-schema is not supported")]
    [InlineData("--resources", "/no/such/file", "/no/such/file")]
    [InlineData("--blkio-weight", "70000", "not within 0 and 1000")]
    public void What_cannot_be_set_is_refused_by_name(string option, string value, string message)
    {
        _bundle.RunSleeping();
        var before = Limits();
        var (code, _, error) = _bundle.Run("update", option, value, _bundle.Id);
        code.ShouldBe(1);
        error.ShouldContain(message);
        Limits().ShouldBe(before);
    }

    /// <summary>runc takes them with a warning, and so do its callers' scripts.</summary>
    [Fact]
    public void Limits_that_no_kernel_has_any_more_are_taken_with_a_warning()
    {
        var spec = _bundle.Spec("sleep", "10000");
        _bundle.Write(spec with { Linux = spec.Linux! with { Resources = spec.Linux.Resources! with { Memory = new Oci.Runtime.MemoryLimits { Kernel = 1 << 20, UseHierarchy = false } } } });
        var (code, _, error) = _bundle.Run("run", "--detach", "--bundle", _bundle.Base, _bundle.Id);
        code.ShouldBe(0, error);
        error.ShouldContain("linux.resources.memory.kernel: is ignored");
        error.ShouldContain("linux.resources.memory.useHierarchy: false is ignored");
        var before = Limits();
        var update = _bundle.Run("update", "--kernel-memory", "50M", _bundle.Id);
        update.Code.ShouldBe(0, update.Error);
        update.Error.ShouldContain("linux.resources.memory.kernel: is ignored");
        Limits().ShouldBe(before);
    }

    [Fact]
    public void Buffers_of_tcp_are_limited_where_they_are_counted_apart()
    {
        var spec = _bundle.Spec("sleep", "10000");
        _bundle.Write(spec with { Linux = spec.Linux! with { Resources = spec.Linux.Resources! with { Memory = new Oci.Runtime.MemoryLimits { KernelTcp = 1 << 20 } } } });
        var (code, _, error) = _bundle.Run("run", "--detach", "--bundle", _bundle.Base, _bundle.Id);
        if (CgroupHost.Detect().Layout.Mode == CgroupMode.V2)
        {
            code.ShouldBe(1);
            error.ShouldContain("a limit of TCP buffers");
            return;
        }
        code.ShouldBe(0, error);
        using var events = JsonDocument.Parse(_bundle.Run("events", "--stats", _bundle.Id).Output);
        events.RootElement.GetProperty("data").GetProperty("memory").GetProperty("kernelTCP").GetProperty("limit").GetUInt64().ShouldBe(1UL << 20);
    }

    [Fact]
    public void Events_prints_the_counters_in_runcs_shape()
    {
        _bundle.RunSleeping();
        var (code, output, error) = _bundle.Run("events", "--stats", _bundle.Id);
        (code, error).ShouldBe((0, ""));
        using var line = JsonDocument.Parse(output);
        line.RootElement.GetProperty("type").GetString().ShouldBe("stats");
        line.RootElement.GetProperty("id").GetString().ShouldBe(_bundle.Id);
        var data = line.RootElement.GetProperty("data");
        data.GetProperty("cpu").GetProperty("usage").GetProperty("total").GetUInt64().ShouldBeGreaterThan(0UL);
        data.GetProperty("memory").GetProperty("usage").GetProperty("limit").GetUInt64().ShouldBe(128UL << 20);
        data.GetProperty("memory").GetProperty("usage").GetProperty("usage").GetUInt64().ShouldBeGreaterThan(0UL);
        data.GetProperty("memory").GetProperty("raw").EnumerateObject().ShouldNotBeEmpty();
        data.GetProperty("pids").GetProperty("current").GetUInt64().ShouldBe(1UL);
        data.GetProperty("pids").GetProperty("limit").GetUInt64().ShouldBe(200UL);
        _bundle.Run("events", "--interval", "0s", _bundle.Id).Error.ShouldContain("greater than 0");
        _bundle.Run("events", "nosuch").Error.ShouldContain("does not exist");
    }

    [Fact]
    public void Events_says_when_memory_runs_out_and_ends_with_the_container()
    {
        const string Script = "while [ ! -e /tmp/go ]; do sleep 0.05; done; dd if=/dev/zero of=/dev/null bs=200M count=1; sleep 10000";
        _bundle.RunSleeping(spec => spec.WithProcess(process => process with { Args = ["sh", "-c", Script] }) with
        {
            Linux = spec.Linux! with { Resources = new Resources { Memory = new Oci.Runtime.MemoryLimits { Limit = 32 << 20, Swap = 32 << 20 } } },
        });
        using var events = _bundle.Start("", out var files, "events", "--interval", "100ms", _bundle.Id);
        string[] Lines() => File.ReadAllLines(files + "out");
        _bundle.WaitFor("there were no two lines", () => Lines().Length >= 2);
        File.WriteAllText(_bundle.Rootfs + "/tmp/go", "");
        _bundle.WaitFor("nothing was said of memory", () => Lines().Contains($"{{\"type\":\"oom\",\"id\":\"{_bundle.Id}\"}}"));
        _bundle.Run("kill", _bundle.Id, "KILL").Code.ShouldBe(0);
        events.WaitForExit(60_000).ShouldBeTrue("events goes on without the container");
        (events.ExitCode, File.ReadAllText(files + "err")).ShouldBe((0, ""));
    }
}
