using Sampan.Linux;
using Sampan.Linux.Mounts;
using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Tests.Launching;

/// <summary>What is decided before the clone: how it is born, and what it shares.</summary>
public sealed class LaunchPlannerTests
{
    private static readonly IdMapping[] s_map = [new IdMapping { HostId = 1000, Size = 10 }];

    private static LaunchPlan Plan(RuntimeSpec spec, CapabilitySet? held = null) => LaunchPlanner.Plan(spec, "/rootfs", [], held ?? CapabilitySet.All);

    private static RuntimeSpec With(params (string Type, string? Path)[] namespaces) => new()
    {
        OciVersion = "1.2.0",
        Root = new Root { Path = "rootfs" },
        Process = new OciProcess { Args = ["sh"], Cwd = "/" },
        Linux = new LinuxSection { Namespaces = [.. namespaces.Select(one => new Namespace { Type = one.Type, Path = one.Path })], UidMappings = s_map, GidMappings = s_map },
    };

    private static RuntimeSpec WithCapability(RuntimeSpec spec)
    {
        string[] names = ["CAP_SYS_BOOT"];
        return spec with { Process = spec.Process! with { Capabilities = new CapabilitySets { Bounding = names, Effective = names, Permitted = names } } };
    }

    [Fact]
    public void Cgroup_and_time_namespaces_are_left_to_the_clone()
    {
        var plan = Plan(With(("mount", null), ("pid", null), ("cgroup", null), ("time", null)));
        plan.NewNamespaces.ShouldBe(NamespaceTypes.Mount | NamespaceTypes.Pid);
        (plan.NewCgroupNamespace, plan.TimeOffsets is not null, plan.IsBornInside).ShouldBe((true, true, false));
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData(null, "/net", false)]
    [InlineData("", null, false)]
    [InlineData("", "/net", true)]
    [InlineData("/user", null, true)]
    [InlineData("/user", "/net", true)]
    public void A_go_between_is_needed_where_joined_and_made_namespaces_belong_to_two_user_namespaces(string? user, string? network, bool needed)
    {
        List<(string, string?)> namespaces = [("mount", null), ("network", network)];
        if (user is not null)
            namespaces.Add(("user", user));
        var plan = Plan(With([.. namespaces]));
        (plan.IsBornInside, plan.HasUserNamespace, plan.UserMaps is not null).ShouldBe((needed, user is not null, user is ""));
    }

    [Fact]
    public void Without_privilege_a_user_namespace_is_needed_and_gives_every_capability()
    {
        var spec = WithCapability(With(("mount", null)));
        Should.Throw<RuntimeException>(() => Plan(spec, CapabilitySet.None)).Message.ShouldContain("linux.namespaces: a user namespace is missing");
        Plan(WithCapability(With(("mount", null), ("user", null))), CapabilitySet.None).Process.Capabilities.Permitted.Contains(Capability.SysBoot).ShouldBeTrue();
        Plan(spec, CapabilitySet.None.With(Capability.SysAdmin)).Process.Capabilities.Permitted.Contains(Capability.SysBoot).ShouldBeFalse("nobody gives more than he has");
    }

    [Theory]
    [InlineData(null, null, MountPropagation.Private, false)]
    [InlineData(null, "rshared", MountPropagation.Slave, false)]
    [InlineData(null, "rprivate", MountPropagation.Private, false)]
    [InlineData("private", null, MountPropagation.Private, false)]
    [InlineData("rshared", null, MountPropagation.Private, false)]
    [InlineData("slave", null, MountPropagation.Slave, true)]
    [InlineData("rslave", "rslave", MountPropagation.Slave, true)]
    public void The_copy_of_the_hosts_mounts_follows_them_only_where_that_is_asked(string? root, string? bind, MountPropagation expected, bool rootFollows)
    {
        var spec = With(("mount", null));
        spec = spec with { Linux = spec.Linux! with { RootfsPropagation = root } };
        if (bind is not null)
            spec = spec with { Mounts = [new Mount { Destination = "/data", Type = "bind", Source = "/srv", Options = ["rbind", bind] }] };
        var plan = Plan(spec);
        (plan.Propagation, plan.RootFollowsHost).ShouldBe(((expected, true), rootFollows));
    }

    [Fact]
    public void Without_a_process_there_is_a_container_and_nothing_to_run() => Plan(With(("mount", null)) with { Process = null }).Process.Args.ShouldBeEmpty();

    [Theory]
    [InlineData("/dev", false)]
    [InlineData("/dev/", false)]
    [InlineData("/dev/shm", true)]
    public void In_a_dev_of_the_host_no_devices_are_made(string destination, bool makes) =>
        Plan(With(("mount", null)) with { Mounts = [new Mount { Destination = destination, Type = "bind", Source = "/dev", Options = ["rbind"] }] }).MakeDevices.ShouldBe(makes);
}
