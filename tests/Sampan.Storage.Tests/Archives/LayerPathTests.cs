using Sampan.Storage.Archives;

namespace Sampan.Storage.Tests.Archives;

public sealed class LayerPathTests
{
    [Theory]
    [InlineData("etc/passwd", "etc", "passwd")]
    [InlineData("./etc//passwd", "etc", "passwd")]
    [InlineData("/etc/passwd", "etc", "passwd")]
    [InlineData("etc/", "", "etc")]
    [InlineData("a/../b", "", "b")]
    [InlineData("a/./b/..", "", "a")]
    [InlineData("..data/x", "..data", "x")]
    [InlineData(".hidden", "", ".hidden")]
    [InlineData("./", "", "")]
    [InlineData("/", "", "")]
    [InlineData("", "", "")]
    [InlineData("a/..", "", "")]
    public void Paths_become_plain(string raw, string parent, string name)
    {
        LayerPath.TryParse(raw, out var path).ShouldBeTrue();
        path.ShouldBe(new LayerPath(parent, name));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../etc/passwd")]
    [InlineData("a/../../b")]
    [InlineData("/../b")]
    [InlineData("a\0b")]
    public void Paths_that_lead_out_are_refused(string raw) => LayerPath.TryParse(raw, out _).ShouldBeFalse();
}
