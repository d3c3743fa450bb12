using Sampan.Oci.Images;

namespace Sampan.Oci.Tests.Images;

public sealed class PlatformTests
{
    [Theory]
    [InlineData("linux/amd64", "linux/amd64")]
    [InlineData("linux/x86_64", "linux/amd64")]
    [InlineData("Linux/AArch64", "linux/arm64")]
    [InlineData("linux/arm64/v8", "linux/arm64")]
    [InlineData("linux/arm", "linux/arm/v7")]
    [InlineData("linux/armhf", "linux/arm/v7")]
    [InlineData("linux/arm/v6", "linux/arm/v6")]
    [InlineData("linux/i686", "linux/386")]
    public void Other_spellings_become_gos_words(string text, string expected)
    {
        Platform.TryParse(text, out var platform).ShouldBeTrue();
        platform!.ToString().ShouldBe(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b/c/d")]
    [InlineData("linux/")]
    [InlineData("linux/am d64")]
    public void Bad_platforms_are_refused(string text) => Platform.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("linux/amd64", "linux/amd64", true)]
    [InlineData("linux/amd64", "linux/arm64", false)]
    [InlineData("linux/arm/v7", "linux/arm/v6", true)]
    [InlineData("linux/arm/v6", "linux/arm/v7", false)]
    [InlineData("linux/amd64", "windows/amd64", false)]
    public void An_image_runs_where_its_platform_fits(string host, string image, bool runs)
    {
        Platform.TryParse(host, out var h).ShouldBeTrue();
        Platform.TryParse(image, out var i).ShouldBeTrue();
        h!.Runs(i!).ShouldBe(runs);
    }

    [Fact]
    public void An_image_without_platform_runs_anywhere() => Platform.Current.Runs(new Platform()).ShouldBeTrue();
}
