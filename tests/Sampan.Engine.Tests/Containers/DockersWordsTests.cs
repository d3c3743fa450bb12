using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Tests.Doubles;

namespace Sampan.Engine.Tests.Containers;

/// <summary>What is wrong is told as dockerd tells it: tools look for these texts. scripts/compare-dockerd holds them against dockerd itself.</summary>
public sealed class DockersWordsTests
{
    public static TheoryData<string, ContainerSpec> Wishes { get; } = new()
    {
        { "Minimum memory reservation allowed is 6MB", With(new ResourceLimits { MemoryReservation = 1 }) },
        { "You should always set the Memory limit when using Memoryswap limit, see usage", With(new ResourceLimits { MemorySwap = 1 }) },
        { "Conflicting options: Nano CPUs and CPU Quota cannot both be set", With(new ResourceLimits { NanoCpus = 1_000_000_000, CpuQuota = 1000 }) },
        { "Conflicting options: Nano CPUs and CPU Period cannot both be set", With(new ResourceLimits { NanoCpus = 1_000_000_000, CpuPeriod = 1000 }) },
        { "Invalid value nonsense for cpuset cpus: invalid format: nonsense", With(new ResourceLimits { CpusetCpus = "nonsense" }) },
        { "Invalid value 3-1 for cpuset mems: invalid format: 3-1", With(new ResourceLimits { CpusetMems = "3-1" }) },
        { "Invalid value 0-99999 for cpuset cpus: value of out range, maximum is 8192", With(new ResourceLimits { CpusetCpus = "0-99999" }) },
        { "invalid environment variable: =b", Harbour.Spec with { Env = ["=b"] } },
        { "invalid CapAdd: unknown capability: \"CAP_NONSENSE\"", Harbour.Spec with { Security = new SecurityWish { CapAdd = ["nonsense"] } } },
        { "bad format for add-host: \"a\"", Harbour.Spec with { Network = new NetworkWish { ExtraHosts = ["a"] } } },
        { "invalid IP address in add-host: \"b\"", Harbour.Spec with { Network = new NetworkWish { ExtraHosts = ["a:b"] } } },
        { "invalid IP address in add-host: \"10.1.2\"", Harbour.Spec with { Network = new NetworkWish { ExtraHosts = ["a:10.1.2"] } } },
        { "invalid IP address for DNS: '010.0.0.1'", Harbour.Spec with { Network = new NetworkWish { Dns = ["010.0.0.1"] } } },
        { "Invalid network mode: invalid container format container:<name|id>", Harbour.Spec with { Network = new NetworkWish { Mode = "container:" } } },
        { "conflicting options: dns and the network mode", Harbour.Spec with { Network = new NetworkWish { Mode = "container:a", Dns = ["1.1.1.1"] } } },
        { "conflicting options: port exposing and the container type network mode", Harbour.Spec with { Network = new NetworkWish { Mode = "container:a" }, ExposedPorts = [new ContainerPort(80, PortProtocol.Tcp)] } },
        { "No such container: nobody", Harbour.Spec with { Namespaces = new NamespaceWish { Pid = "container:nobody" } } },
        { "No such container: nobody", Harbour.Spec with { Namespaces = new NamespaceWish { Ipc = "container:nobody" } } },
        { "gelf-address should be in form proto://address, got nonsense", Harbour.Spec with { Log = new LogWish { Driver = "gelf", Options = new Dictionary<string, string> { ["gelf-address"] = "nonsense" } } } },
        { "syslog-address should be in form proto://address, got nonsense", Harbour.Spec with { Log = new LogWish { Driver = "syslog", Options = new Dictionary<string, string> { ["syslog-address"] = "nonsense" } } } },
        { "bad format for links: 'a:b:c'", Harbour.Spec with { Network = new NetworkWish { Links = ["a:b:c"] } } },
        { "volumes-from specification cannot be an empty string", Harbour.Spec with { VolumesFrom = [""] } },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Wishes))]
    public async Task Wish_that_cannot_be_is_refused(string message, ContainerSpec wish)
    {
        await using var harbour = await Harbour.OpenAsync();
        (await Should.ThrowAsync<EngineException>(() => harbour.CreateAsync(wish))).Message.ShouldBe(message);
    }

    [Fact]
    public async Task Processors_that_are_not_there_are_refused_with_those_that_are()
    {
        await using var harbour = await Harbour.OpenAsync();
        (await Should.ThrowAsync<EngineException>(() => harbour.CreateAsync(With(new ResourceLimits { CpusetCpus = "8191" })))).Message
            .ShouldStartWith("Requested CPUs are not available - requested 8191, available: 0");
        await harbour.CreateAsync(With(new ResourceLimits { CpusetCpus = "0", CpusetMems = "0" }));
    }

    [Fact]
    public async Task Paused_container_is_not_removed()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync();
        await harbour.Containers.PauseAsync(id, CancellationToken.None);
        (await Should.ThrowAsync<EngineException>(() => harbour.Containers.RemoveAsync(id, new RemoveOptions(), CancellationToken.None))).Message
            .ShouldEndWith("container is paused: unpause and then stop the container before removing or force remove");
    }

    [Fact]
    public async Task Image_that_can_have_no_such_name_is_a_bad_request_and_one_that_could_is_missing()
    {
        await using var harbour = await Harbour.OpenAsync();
        (await Should.ThrowAsync<EngineException>(() => harbour.CreateAsync(Harbour.Spec with { Image = "UPPER" }))).Kind.ShouldBe(ErrorKind.InvalidArgument);
        (await Should.ThrowAsync<EngineException>(() => harbour.CreateAsync(Harbour.Spec with { Image = "lower" }))).Kind.ShouldBe(ErrorKind.NotFound);
        Should.Throw<EngineException>(() => harbour.Engine.Images.Tag(Harbour.Spec.Image, "sha256:a")).Message.ShouldBe("refusing to create an ambiguous tag using digest algorithm as name");
    }

    [Fact]
    public async Task Who_forbids_to_kill_and_limits_nothing_is_warned()
    {
        await using var harbour = await Harbour.OpenAsync();
        (await harbour.Containers.CreateAsync(With(new ResourceLimits { OomKillDisable = true }), null, CancellationToken.None)).Warnings.ShouldHaveSingleItem().ShouldStartWith("OOM killer is disabled");
        (await harbour.Containers.CreateAsync(With(new ResourceLimits { OomKillDisable = true, Memory = 64 << 20 }), null, CancellationToken.None)).Warnings.ShouldBeEmpty();
    }

    private static ContainerSpec With(ResourceLimits limits) => Harbour.Spec with { Resources = limits };
}
