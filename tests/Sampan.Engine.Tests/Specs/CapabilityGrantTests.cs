using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Specs;

namespace Sampan.Engine.Tests.Specs;

public sealed class CapabilityGrantTests
{
    private static readonly IReadOnlyList<string> Known = [.. CapabilityGrant.Default, "CAP_NET_ADMIN", "CAP_SYS_ADMIN", "CAP_SYS_RESOURCE"];
    private static readonly HashSet<string> Machine = [.. Known.Except(["CAP_SYS_RESOURCE"])];

    [Fact]
    public void Nothing_asked_gives_the_default_set() => Decide(new SecurityWish()).Granted.ShouldBe(CapabilityGrant.Default);

    [Fact]
    public void All_gives_what_there_is_and_says_what_is_missing()
    {
        var grant = Decide(new SecurityWish { CapAdd = ["ALL"], CapDrop = ["sys_admin"] });
        grant.Granted.ShouldContain("CAP_NET_ADMIN");
        grant.Granted.ShouldNotContain("CAP_SYS_ADMIN");
        grant.Missing.ShouldBe(["CAP_SYS_RESOURCE"]);
    }

    [Fact]
    public void Drop_all_leaves_what_is_added() => Decide(new SecurityWish { CapDrop = ["ALL"], CapAdd = ["CHOWN"] }).Granted.ShouldBe(["CAP_CHOWN"]);

    [Fact]
    public void Dropped_and_added_is_added() => Decide(new SecurityWish { CapDrop = ["KILL"], CapAdd = ["kill"] }).Granted.ShouldContain("CAP_KILL");

    [Fact]
    public void Privileged_ignores_what_is_dropped() => Decide(new SecurityWish { Privileged = true, CapDrop = ["ALL"] }).Granted.ShouldBe([.. Known.Where(Machine.Contains)]);

    private static CapabilityGrant Decide(SecurityWish wish) => CapabilityGrant.Decide(wish, Known, Machine);
}
