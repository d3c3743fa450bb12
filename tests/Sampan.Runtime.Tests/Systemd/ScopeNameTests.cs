using Sampan.Runtime.Systemd;

namespace Sampan.Runtime.Tests.Systemd;

/// <summary>Names of scopes and slices, and where systemd puts them.</summary>
public sealed class ScopeNameTests
{
    [Theory]
    [InlineData("machine.slice:libpod:3f2a", "/machine.slice/libpod-3f2a.scope")]
    [InlineData("a-b-c.slice:docker:x", "/a.slice/a-b.slice/a-b-c.slice/docker-x.scope")]
    [InlineData("user.slice::x", "/user.slice/x.scope")]
    [InlineData(":docker:x", "/system.slice/docker-x.scope")]
    [InlineData("-:docker:x", "/docker-x.scope")]
    [InlineData("-.slice:docker:x", "/docker-x.scope")]
    [InlineData("kubepods-besteffort-pod7.slice:cri-containerd:9", "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod7.slice/cri-containerd-9.scope")]
    public void A_path_of_three_parts_is_a_scope_in_a_slice(string path, string group)
    {
        ScopeName.IsScope(path).ShouldBeTrue();
        ScopeName.Parse(path).CgroupPath.ShouldBe(group);
    }

    [Theory]
    [InlineData("a:b", "slice:prefix:name")]
    [InlineData("a.slice:b:c:d", "slice:prefix:name")]
    [InlineData("a:b:c", "no name of a slice")]
    [InlineData(".slice:b:c", "no name of a slice")]
    [InlineData("a--b.slice:b:c", "between two '-'")]
    [InlineData("-a.slice:b:c", "between two '-'")]
    [InlineData("a-.slice:b:c", "between two '-'")]
    [InlineData("../x.slice:b:c", "no name of a slice")]
    [InlineData("x/y.slice:b:c", "no name of a slice")]
    [InlineData("x.slice:b:", "has no name")]
    [InlineData("x.slice:b:c/../d", "no name of a systemd unit")]
    [InlineData("x.slice:b:c d", "no name of a systemd unit")]
    [InlineData("x.slice::.hidden", "no name of a systemd unit")]
    [InlineData("x.slice:b:c.slice", "a container is a scope")]
    public void What_is_no_name_is_refused(string path, string words) =>
        Should.Throw<RuntimeException>(() => ScopeName.Parse(path)).Message.ShouldContain(words);

    [Fact]
    public void A_name_longer_than_a_units_is_refused() =>
        Should.Throw<RuntimeException>(() => ScopeName.Parse($"x.slice:b:{new string('c', 250)}")).Message.ShouldContain("at most 255");

    [Fact]
    public void Without_a_path_the_scope_has_the_containers_id() => ScopeName.Default("web").CgroupPath.ShouldBe("/system.slice/sampan-web.scope");

    [Theory]
    [InlineData("/sampan/a:b")]
    [InlineData("plain")]
    public void Other_paths_are_directories(string path) => ScopeName.IsScope(path).ShouldBeFalse();
}
