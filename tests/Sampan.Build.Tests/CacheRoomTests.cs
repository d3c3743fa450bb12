namespace Sampan.Build.Tests;

public sealed class CacheRoomTests
{
    [Theory]
    [InlineData(null, null, null, null)]
    [InlineData(30L, null, null, 30L)]
    [InlineData(null, 40L, null, 40L)]
    [InlineData(60L, 40L, null, 60L)]
    [InlineData(null, null, 80L, 70L)]
    [InlineData(null, null, 20L, 100L)]
    [InlineData(null, 200L, null, 100L)]
    [InlineData(10L, 90L, 200L, 10L)]
    public void What_may_be_left_follows_from_what_is_reserved_used_and_free(long? reserved, long? maxUsed, long? minFree, long? left) =>
        new CacheRoom(reserved, maxUsed, minFree).Aim(used: 100, free: 50).ShouldBe(left);
}
