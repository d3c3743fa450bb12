using Sampan.Build;
using Sampand.Configuration;

namespace Sampan.Server.Tests.Configuration;

/// <summary>What daemon.json says of the build cache, in dockerd's words.</summary>
public sealed class BuilderSettingsTests
{
    [Fact]
    public void Policies_are_read_as_dockerds_documentation_writes_them()
    {
        var policies = Read("""
            {"gc":{"enabled":true,"defaultKeepStorage":"20GB","policy":[
              {"keepStorage":"512MB","filter":["unused-for=168h"]},
              {"reservedSpace":"10GB","maxUsedSpace":"25GB","minFreeSpace":1024,"filter":["type=exec.cachemount,type==regular","until=1h30m"],"all":true}]}}
            """);

        policies.ShouldNotBeNull().Count.ShouldBe(2);
        policies[0].Room.ShouldBe(new CacheRoom(512L << 20, null, null));
        policies[0].Unused.ShouldBe(TimeSpan.FromDays(7));
        policies[0].TakesShared.ShouldBeFalse();
        policies[0].Kinds.ShouldBeEmpty();
        policies[1].Room.ShouldBe(new CacheRoom(10L << 30, 25L << 30, 1024));
        policies[1].Unused.ShouldBe(TimeSpan.FromMinutes(90));
        policies[1].Kinds.ShouldBe(["exec.cachemount", "regular"]);
        policies[1].TakesShared.ShouldBeTrue();
    }

    [Fact]
    public void Defaults_alone_are_one_rule_and_off_is_none()
    {
        Read("""{"gc":{"defaultKeepStorage":"1.5g"}}""").ShouldNotBeNull().ShouldHaveSingleItem().Room.ShouldBe(new CacheRoom(3L << 29, null, null));
        Read("""{"gc":{"defaultReservedSpace":"1k","defaultMaxUsedSpace":"2k","defaultMinFreeSpace":"3k"}}""").ShouldNotBeNull().ShouldHaveSingleItem().Room.ShouldBe(new CacheRoom(1024, 2048, 3072));
        Read("""{"gc":{"enabled":false,"defaultKeepStorage":"1g"}}""").ShouldNotBeNull().ShouldBeEmpty();
        Read("""{"gc":{"enabled":true}}""").ShouldBeNull();
        Read("{}").ShouldBeNull();
        DaemonOptions.From(new Settings()).CachePolicies.ShouldBeNull();
        CachePolicy.Usual(100).ShouldHaveSingleItem().Room.ShouldBe(new CacheRoom(null, 75, null));
    }

    [Theory]
    [InlineData("[]", "'builder' must be an object")]
    [InlineData("""{"entitlements":{}}""", "'entitlements' of 'builder' is not known")]
    [InlineData("""{"gc":{"policy":{}}}""", "'policy' must be a list")]
    [InlineData("""{"gc":{"enabled":"yes"}}""", "'enabled' must be true or false")]
    [InlineData("""{"gc":{"policy":[{"size":1}]}}""", "'size' of 'policy' is not known")]
    [InlineData("""{"gc":{"policy":[{"filter":["label=a"]}]}}""", "filter 'label=a' is not supported: expected unused-for=… or type=…")]
    [InlineData("""{"gc":{"policy":[{"filter":["unused-for=soon"]}]}}""", "'soon' is no span of time: expected hours, minutes and seconds, such as 48h")]
    [InlineData("""{"gc":{"defaultKeepStorage":"much"}}""", "'defaultKeepStorage': 'much' is no size: expected bytes, or a number with k, m, g or t")]
    [InlineData("""{"gc":{"defaultKeepStorage":-1}}""", "is no size")]
    [InlineData("""{"gc":{"defaultKeepStorage":"99999999999999t"}}""", "is no size")]
    [InlineData("nothing", "invalid value of 'builder'")]
    public void What_is_wrong_is_named(string text, string reason) => Should.Throw<ConfigurationException>(() => Read(text)).Message.ShouldContain(reason);

    private static IReadOnlyList<CachePolicy>? Read(string text) => DaemonOptions.From(CommandLine.Parse(["--builder", text]).Settings).CachePolicies;
}
