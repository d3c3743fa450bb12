using Sampan.Build.Caching;

namespace Sampan.Build.Tests;

public sealed class CacheKeyTests
{
    [Fact]
    public void The_same_parts_give_the_same_key() => Key("run").AddAll(["a", "b"]).Add("c").Finish().ShouldBe(Key("run").AddAll(["a", "b"]).Add("c").Finish());

    [Fact]
    public void CVE_2024_24557_no_two_lists_of_parts_look_alike()
    {
        string[] keys =
        [
            Key("run").Add("a", "b").Finish(),
            Key("run").Add("ab").Finish(),
            Key("run").Add("a", "b", "").Finish(),
            Key("run").Add("a", "b", null).Finish(),
            Key("run").AddAll(["a", "b"]).Finish(),
            Key("run").AddAll(["a"]).Add("b").Finish(),
            Key("run").AddAll([]).Add("a", "b").Finish(),
            Key("copy").Add("a", "b").Finish(),
        ];
        keys.Distinct(StringComparer.Ordinal).Count().ShouldBe(keys.Length);
    }

    private static CacheKey Key(string kind) => new(kind, null);
}
