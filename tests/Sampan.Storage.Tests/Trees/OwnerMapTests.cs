using Sampan.Oci.Runtime;
using Sampan.Storage.Trees;

namespace Sampan.Storage.Tests.Trees;

public sealed class OwnerMapTests
{
    private static readonly OwnerMap s_map = new(
        [new IdMapping { ContainerId = 0, HostId = 100000, Size = 1000 }, new IdMapping { ContainerId = 1000, HostId = 500, Size = 1 }],
        [new IdMapping { ContainerId = 0, HostId = 200000, Size = 65536 }]);

    [Theory]
    [InlineData(0u, 0u, 100000u, 200000u)]
    [InlineData(999u, 65535u, 100999u, 265535u)]
    [InlineData(1000u, 7u, 500u, 200007u)]
    public void Owners_are_the_same_there_and_back(uint uid, uint gid, uint hostUid, uint hostGid)
    {
        s_map.Outside((uid, gid)).ShouldBe((hostUid, hostGid));
        s_map.Inside((hostUid, hostGid)).ShouldBe((uid, gid));
    }

    [Fact]
    public void Who_has_no_id_in_the_tree_is_nobody_there() => s_map.Inside((0, 99)).ShouldBe((65534u, 65534u));

    [Theory]
    [InlineData(1001u, 0u, "user 1001")]
    [InlineData(0u, 65536u, "group 65536")]
    [InlineData(uint.MaxValue, 0u, "user 4294967295")]
    public void What_would_belong_to_nobody_is_refused(uint uid, uint gid, string who) =>
        Should.Throw<StorageException>(() => s_map.Outside((uid, gid))).ShouldSatisfyAllConditions(e => e.Kind.ShouldBe(StorageError.InvalidInput), e => e.Message.ShouldStartWith($"{who}, the owner of a file, is none of the container's"));
}
