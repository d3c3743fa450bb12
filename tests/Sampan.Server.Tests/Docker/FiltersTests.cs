using Sampan.Engine;
using Sampan.Server.Docker;
using Sampan.Server.Docker.Images;
using Sampan.Server.Http;

namespace Sampan.Server.Tests.Docker;

public sealed class FiltersTests
{
    private static readonly Dictionary<string, string> Labels = new(StringComparer.Ordinal) { ["tier"] = "front", ["empty"] = "" };

    [Theory]
    [InlineData("""{"label":["tier"]}""", true)]
    [InlineData("""{"label":["tier=front","empty"]}""", true)]
    [InlineData("""{"label":["tier=back"]}""", false)]
    [InlineData("""{"label":["tier","other"]}""", false)]
    [InlineData("""{"label":{"tier=front":true}}""", true)]
    [InlineData("""{"label!":["tier"]}""", false)]
    [InlineData("""{"label!":["tier=back"]}""", true)]
    [InlineData("""{"label!":["tier","empty"]}""", false)]
    [InlineData("""{"label!":["tier","other"]}""", true)]
    [InlineData("""{"label":["tier"],"label!":["empty"]}""", false)]
    [InlineData("{}", true)]
    [InlineData(null, true)]
    public void Labels_must_all_match(string? json, bool expected) => Filters.Parse(json, "label", "label!").Labels(Labels).ShouldBe(expected);

    [Theory]
    [InlineData("""{"colour":["red"]}""", "invalid filter 'colour'")]
    [InlineData("""["label"]""", "invalid 'filters'")]
    [InlineData("{", "invalid 'filters'")]
    [InlineData("""{"label":5}""", "invalid 'filters'")]
    public void Wrong_filters_are_refused(string json, string part)
    {
        var refused = Should.Throw<EngineException>(() => Filters.Parse(json, "label"));

        refused.Kind.ShouldBe(ErrorKind.InvalidArgument);
        refused.Message.ShouldContain(part);
    }

    [Theory]
    [InlineData("web", "we", true)]
    [InlineData("web", "^web$", true)]
    [InlineData("web-1", "^web$", false)]
    [InlineData("web-1", "^web", true)]
    [InlineData("web-1", "1$", true)]
    [InlineData("web-12", "^web-[0-9]+$", true)]
    [InlineData("/web", "^/web$", true)]
    [InlineData("web", "x", false)]
    public void Names_match_as_regular_expressions(string name, string pattern, bool expected) => Filters.NameMatches(name, pattern).ShouldBe(expected);

    [Fact]
    public void Name_that_is_no_regular_expression_is_refused() => Should.Throw<EngineException>(() => Filters.NameMatches("a", "(")).Kind.ShouldBe(ErrorKind.InvalidArgument);

    [Theory]
    [InlineData("busybox", "busybox:1.35", true)]
    [InlineData("busy*", "busybox:1.35", true)]
    [InlineData("busybox:1.*", "busybox:1.35", true)]
    [InlineData("busybox:1.36", "busybox:1.35", false)]
    [InlineData("*", "library/busybox:1", false)]
    [InlineData("*/*", "localhost:5000/busybox:1", true)]
    [InlineData("localhost:5000/busybox", "localhost:5000/busybox:1", true)]
    public void References_match_with_and_without_tag(string pattern, string name, bool expected) => ImageFilter.ReferenceMatches(pattern, name).ShouldBe(expected);

    [Theory]
    [InlineData("1700000000", 1700000000, 0)]
    [InlineData("1700000000.5", 1700000000, 500)]
    [InlineData("1700000000.000000001", 1700000000, 0)]
    [InlineData("2023-11-14T22:13:20Z", 1700000000, 0)]
    [InlineData("2023-11-14T23:13:20+01:00", 1700000000, 0)]
    public void Moments_are_read(string text, long seconds, int milliseconds)
    {
        Timestamp.TryParse(text, out var moment).ShouldBeTrue();
        moment.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(seconds).AddMilliseconds(milliseconds));
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("1700000000.x")]
    [InlineData("99999999999999")]
    [InlineData("1700000000.")]
    public void What_is_no_moment_is_refused(string text) => Timestamp.TryParse(text, out _).ShouldBeFalse();
}
