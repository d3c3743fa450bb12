using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Containers.Mounts;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Tests.Doubles;
using Sampan.Engine.Users;
using Sampan.Oci.Runtime;

namespace Sampan.Engine.Tests.Containers;

public sealed class UserRemapTests
{
    private static readonly IReadOnlyList<IdMapping> s_map = [new IdMapping { ContainerId = 0, HostId = 100000, Size = 1000 }];

    [Fact]
    public void Owners_that_a_mount_shows_are_the_containers_own() =>
        UserRemap.Behind(s_map, [new IdMapRange(5000, 0, 1), new IdMapRange(6000, 990, 10)]).Select(one => (one.ContainerId, one.HostId, one.Size)).ShouldBe([(5000u, 100000u, 1u), (6000u, 100990u, 10u)]);

    [Fact]
    public void Owners_that_nobody_in_the_container_is_are_refused() =>
        Should.Throw<EngineException>(() => UserRemap.Behind(s_map, [new IdMapRange(0, 999, 2)])).Message.ShouldBe("invalid idmap '0-999-2': containers of this daemon have the ids 0 to 999 (userns-remap)");

    [Fact]
    public void What_root_of_the_host_alone_may_is_refused_in_Dockers_words()
    {
        MappedUsers.Problems(Harbour.Spec).ShouldBeEmpty();
        MappedUsers.Problems(Harbour.Spec with { Security = new SecurityWish { Privileged = true }, Network = new NetworkWish { Mode = "host" }, Namespaces = new NamespaceWish { Pid = "host" } }).ShouldBe(
        [
            "privileged mode is incompatible with user namespaces.  You must run the container in the host namespace when running privileged mode",
            "cannot share the host's network namespace when user namespaces are enabled",
            "cannot share the host PID namespace when user namespaces are enabled",
        ]);
    }
}
