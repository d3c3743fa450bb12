using Sampan.Linux.Cgroups;
using Sampan.Runtime.Systemd;

namespace Sampan.Runtime.Tests.Systemd;

/// <summary>Limits and annotations as properties of a unit.</summary>
public sealed class ScopePropertiesTests
{
    private const ulong Infinity = ulong.MaxValue;

    private static string Text(IEnumerable<UnitProperty> properties) => string.Join(" ", properties.Select(property => $"{property.Name}={property.Value switch
    {
        DBusValue.Number64 { Value: Infinity } => "infinity",
        DBusValue.Number64 number => number.Value.ToString(),
        DBusValue.Bytes bytes => Convert.ToHexStringLower(bytes.Value.Span),
        DBusValue.Text text => text.Value,
        DBusValue.Texts texts => string.Join(",", texts.Values),
        DBusValue.Flag flag => flag.Value ? "yes" : "no",
        DBusValue.Numbers32 numbers => string.Join(",", numbers.Values),
        var other => other.Signature,
    }}"));

    private static string Of(CgroupResources resources, string cpuMax = "max 100000") => Text(ScopeProperties.Of(resources, cpuMax));

    [Fact]
    public void A_new_scope_is_delegated_and_has_its_first_process() => Text(ScopeProperties.ForNew("a.slice", "web", 42)).ShouldBe(
        "Description=web Slice=a.slice Delegate=yes PIDs=42 MemoryAccounting=yes CPUAccounting=yes IOAccounting=yes TasksAccounting=yes DefaultDependencies=no CollectMode=inactive-or-failed");

    [Fact]
    public void Limits_have_systemds_names_and_units() => Of(new CgroupResources
    {
        Memory = new MemoryLimits { Limit = 100, SwapLimit = 150, Reservation = 50 },
        Cpu = new CpuLimits { Shares = 1024, Quota = 50_000, Period = 100_000, Cpus = "0-1,9", Mems = "0" },
        Pids = 17,
    }).ShouldBe("MemoryMax=100 MemoryLow=50 MemorySwapMax=50 CPUWeight=100 CPUQuotaPerSecUSec=500000 CPUQuotaPeriodUSec=100000 AllowedCPUs=0302 AllowedMemoryNodes=01 TasksMax=17");

    [Fact]
    public void No_limit_is_infinity() =>
        Of(new CgroupResources { Memory = new MemoryLimits { Limit = -1, SwapLimit = -1 }, Cpu = new CpuLimits { Quota = -1 }, Pids = -1 })
            .ShouldBe("MemoryMax=infinity MemorySwapMax=infinity CPUQuotaPerSecUSec=infinity CPUQuotaPeriodUSec=100000 TasksMax=infinity");

    [Theory]
    [InlineData(12_345L, null, "max 50000", "250000", "50000")] // rounded up to 10 ms
    [InlineData(null, 200_000UL, "100000 100000", "500000", "200000")]
    [InlineData(null, 200_000UL, "max 100000", "infinity", "200000")]
    [InlineData(30_000L, null, "", "300000", "100000")]
    public void Of_quota_and_period_the_one_that_is_not_given_stays(long? quota, ulong? period, string now, string perSecond, string length) =>
        Of(new CgroupResources { Cpu = new CpuLimits { Quota = quota, Period = period } }, now).ShouldBe($"CPUQuotaPerSecUSec={perSecond} CPUQuotaPeriodUSec={length}");

    [Fact]
    public void Files_of_v2_become_properties_where_there_are_some() => Of(new CgroupResources
    {
        Unified = new Dictionary<string, string>
        {
            ["memory.high"] = "4096",
            ["pids.max"] = "max",
            ["cpu.max"] = "20000 50000",
            ["memory.oom.group"] = "1",
            ["cpuset.cpus"] = "3",
            ["memory.min"] = "no number",
        },
    }).ShouldBe("MemoryHigh=4096 TasksMax=infinity CPUQuotaPerSecUSec=400000 CPUQuotaPeriodUSec=50000 AllowedCPUs=08");

    [Fact]
    public void What_is_no_limit_is_refused()
    {
        Should.Throw<RuntimeException>(() => Of(new CgroupResources { Cpu = new CpuLimits { Cpus = "0-" } })).Message.ShouldContain("'0-'");
        Should.Throw<RuntimeException>(() => Of(new CgroupResources { Memory = new MemoryLimits { Limit = 10, SwapLimit = 5 } })).Message.ShouldContain("swap");
    }

    [Fact]
    public void Annotations_say_when_a_scope_ends() => Text(ScopeAnnotations.Read(new Dictionary<string, string>
    {
        ["org.systemd.property.TimeoutStopUSec"] = "uint64 123456",
        ["org.systemd.property.RuntimeMaxSec"] = "5",
        ["org.systemd.property.CollectMode"] = "'inactive'",
        ["org.systemd.property.DefaultDependencies"] = "true",
        ["org.systemd.property.After"] = "['a.service', \"b.service\"]",
        ["io.other"] = "x",
    })).ShouldBe("TimeoutStopUSec=123456 RuntimeMaxUSec=5000000 CollectMode=inactive DefaultDependencies=yes After=a.service,b.service");

    [Theory]
    [InlineData("ExecStopPost", "[('/bin/sh', ['sh'], false)]")]
    [InlineData("Environment", "['LD_PRELOAD=/x']")]
    [InlineData("Slice", "'other.slice'")]
    [InlineData("Delegate", "false")]
    public void CVE_2024_3154_annotations_configure_nothing_else(string property, string value) =>
        Should.Throw<RuntimeException>(() => ScopeAnnotations.Read(new Dictionary<string, string> { ["org.systemd.property." + property] = value })).Message.ShouldContain("is not one of");

    [Theory]
    [InlineData("TimeoutStopUSec", "'5'")]
    [InlineData("TimeoutStopSec", "99999999999999999")]
    [InlineData("CollectMode", "inactive")]
    [InlineData("CollectMode", "'a'b'")]
    [InlineData("DefaultDependencies", "1")]
    [InlineData("After", "'a.service'")]
    public void Values_are_of_the_propertys_type(string property, string value) =>
        Should.Throw<RuntimeException>(() => ScopeAnnotations.Read(new Dictionary<string, string> { ["org.systemd.property." + property] = value })).Message.ShouldContain("text format");
}
