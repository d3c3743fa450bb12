using Sampan.Engine.Containers.Wishes;

namespace Sampan.Engine.Tests.Containers;

/// <summary>Parents of control groups: paths, or slices where systemd makes the groups.</summary>
public class CgroupParentTests
{
    [Theory]
    [InlineData("/mine")]
    [InlineData("/mine/deeper")]
    public void A_path_is_a_parent_of_directories_alone(string parent)
    {
        Should.NotThrow(() => Verify(parent, systemd: false));
        Should.Throw<EngineException>(() => Verify(parent, systemd: true)).Message.ShouldContain("should be a valid slice named as \"xxx.slice\"");
    }

    [Theory]
    [InlineData("machine.slice")]
    [InlineData("a-b.slice")]
    public void A_slice_is_a_parent_of_scopes_alone(string parent)
    {
        Should.NotThrow(() => Verify(parent, systemd: true));
        var refusal = Should.Throw<EngineException>(() => Verify(parent, systemd: false));
        refusal.Kind.ShouldBe(ErrorKind.InvalidArgument);
        refusal.Message.ShouldContain("native.cgroupdriver=systemd");
    }

    [Theory]
    [InlineData(".slice")]
    [InlineData("a/b.slice")]
    [InlineData("a:b.slice")]
    [InlineData("../x.slice")]
    [InlineData("/a/../b")]
    [InlineData("relative")]
    public void Neither_is_refused_for_both(string parent)
    {
        Should.Throw<EngineException>(() => Verify(parent, systemd: true)).Message.ShouldContain("invalid cgroup parent");
        Should.Throw<EngineException>(() => Verify(parent, systemd: false)).Message.ShouldContain("invalid cgroup parent");
    }

    [Fact]
    public async Task An_engine_that_is_to_ask_systemd_does_not_open_where_none_runs()
    {
        Assert.SkipWhen(Directory.Exists("/run/systemd/system"), "systemd runs here");
        var root = Path.Combine(Path.GetTempPath(), "sampan-parent-" + Guid.NewGuid().ToString("n"));
        var options = new EngineOptions { DataRoot = root, ExecRoot = root, Bridge = "none0", BridgeAddress = "10.0.0.1/24", RuntimePath = "/none", SystemdCgroups = true };
        var refusal = await Should.ThrowAsync<EngineException>(() => ContainerEngine.OpenAsync(options, TimeProvider.System, null, TestContext.Current.CancellationToken));
        refusal.Message.ShouldContain("native.cgroupdriver=systemd is not possible here");
        refusal.Message.ShouldContain("systemd does not run here");
        Directory.Exists(root).ShouldBeFalse();
    }

    private static void Verify(string parent, bool systemd) =>
        SpecCheck.Verify(new ContainerSpec { Image = "busybox", Resources = new ResourceLimits { CgroupParent = parent } }, [], systemd);
}
