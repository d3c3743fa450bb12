using Sampan.Engine.Containers.Mounts;

namespace Sampan.Engine.Tests.Containers;

public sealed class IdMapSpecTests
{
    [Theory]
    [InlineData("1000-0", "uids=1000-0-1;gids=1000-0-1")]
    [InlineData("1000-0-10", "uids=1000-0-10;gids=1000-0-10")]
    [InlineData("uids=1000-0-1#2000-1-10;gids=100-0-1", "uids=1000-0-1#2000-1-10;gids=100-0-1")]
    [InlineData("uids=1000-0-1", "uids=1000-0-1;gids=0-0-4294967295")]
    [InlineData("gids=0-5", "uids=0-0-4294967295;gids=0-5-1")]
    public void A_map_is_read_as_podman_writes_it(string text, string all) => IdMapSpec.Parse(text).ToString().ShouldBe(all);

    [Theory]
    [InlineData("")]
    [InlineData("1000")]
    [InlineData("1000-0-0")]
    [InlineData("1000--1")]
    [InlineData("-1-0-1")]
    [InlineData("4294967295-0-1")]
    [InlineData("0-4294967290-10")]
    [InlineData("99999999999-0-1")]
    [InlineData("uids=")]
    [InlineData("uids=0-0-1;uids=1-1-1")]
    [InlineData("users=0-0-1")]
    [InlineData("uids=0-0-10#5-20-1")]
    [InlineData("uids=0-0-10#20-5-1")]
    public void What_is_no_map_is_refused(string text) => Should.Throw<EngineException>(() => IdMapSpec.Parse(text))
        .ShouldSatisfyAllConditions(e => e.Kind.ShouldBe(ErrorKind.InvalidArgument), e => e.Message.ShouldStartWith("invalid idmap '"));

    [Fact]
    public void An_option_of_v_is_a_map() => BindSpec.Parse("/src:/app:ro,idmap=uids=1000-0-1;gids=1000-0-1").IdMap.ShouldNotBeNull().Users.ShouldBe([new IdMapRange(1000, 0, 1)]);

    [Fact]
    public void A_wrong_map_of_v_is_refused_at_once() => Should.Throw<EngineException>(() => BindSpec.Parse("/src:/app:idmap=x")).Message.ShouldContain("invalid idmap 'x'");
}
