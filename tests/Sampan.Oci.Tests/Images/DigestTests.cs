using Sampan.Oci.Images;

namespace Sampan.Oci.Tests.Images;

public sealed class DigestTests
{
    [Fact]
    public void Of_nothing_is_the_well_known_hash() =>
        Digest.Of([]).ToString().ShouldBe("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

    [Theory]
    [InlineData("")]
    [InlineData("sha256:")]
    [InlineData("sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    [InlineData("md5:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("sha256:../../../../../../../../../../../../../../../../../../etc/passwdx")]
    public void Anything_else_is_refused(string text)
    {
        Digest.TryParse(text, out _).ShouldBeFalse();
        Should.Throw<FormatException>(() => Digest.Parse(text)).Message.ShouldContain("want 'sha256:'");
    }

    [Fact]
    public void Hex_and_short_forms_are_cut_from_the_text()
    {
        var digest = Digest.Of([]);
        digest.Hex.Length.ShouldBe(64);
        digest.Short.ShouldBe("e3b0c44298fc");
        default(Digest).IsEmpty.ShouldBeTrue();
        default(Digest).ToString().ShouldBeEmpty();
    }
}
