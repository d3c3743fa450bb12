using Sampan.Server.Registry;

namespace Sampan.Server.Tests.Registry;

/// <summary>Against what other implementations made: OpenBSD's test vectors, htpasswd, libxcrypt.</summary>
public sealed class BcryptTests
{
    [Fact]
    public void The_tables_are_the_digits_of_pi()
    {
        // The first subkeys and the last word, as every Blowfish has them.
        BlowfishTables.All[..4].ToArray().ShouldBe([0x243F6A88u, 0x85A308D3u, 0x13198A2Eu, 0x03707344u]);
        BlowfishTables.All[18].ShouldBe(0xD1310BA6u);
        BlowfishTables.All[^1].ShouldBe(0x3AC372E6u);
    }

    [Theory]
    [InlineData("", "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.")]
    [InlineData("a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe")]
    [InlineData("abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i")]
    [InlineData("abcdefghijklmnopqrstuvwxyz", "$2a$06$.rCVZVOThsIa97pEDOxvGuRRgzG64bvtJ0938xuqzv18d3ZpQhstC")]
    [InlineData("~!@#$%^&*()      ~!@#$%^&*()PNBFRD", "$2a$06$fPIsBO8qRqkjj273rfaOI.HtSV9jLDpTbZn782DC6/t7qT67P6FfO")]
    [InlineData("open sesame", "$2y$04$/4JeS/asPIy4fNnDwaRES.g9qZx8RXAvJvINR/cnEDWWS3GYsNw.2")]
    [InlineData("correct horse", "$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2")]
    [InlineData("pässwörd €", "$2y$04$./ABCDEFGHIJKLMNOPQRSOj1mfzmCJJZNXFBfUTOgq8RBC4ZDYGlG")]
    public void A_password_is_known_by_its_hash(string password, string text)
    {
        Bcrypt.TryParse(text, out var hash).ShouldBeTrue();
        hash.Verify(password).ShouldBeTrue();
        hash.Verify(password + "x").ShouldBeFalse();
    }

    [Fact]
    public void What_is_behind_72_bytes_does_not_count()
    {
        Bcrypt.TryParse("$2b$04$zzzzzzzzzzzzzzzzzzzzzugCNRp6Z/OS/mcJwGjM4wiaD5RxpLHsK", out var hash).ShouldBeTrue();
        hash.Verify(new string('x', 72)).ShouldBeTrue();
        hash.Verify(new string('x', 80)).ShouldBeTrue();
        hash.Verify(new string('x', 71)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("$2y$")]
    [InlineData("$2x$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.")]
    [InlineData("$2a$03$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.")]
    [InlineData("$2a$32$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.")]
    [InlineData("$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s")]
    [InlineData("$2a$06$DCq7YPn5Rq63x1Lad4cll!TV4S6ytwfsfvkgY8jIucDrjc8deX1s.")]
    [InlineData("$apr1$aaaaaaaa$bbbbbbbbbbbbbbbbbbbbbb")]
    public void What_is_no_hash_of_bcrypt_is_refused(string text) => Bcrypt.TryParse(text, out _).ShouldBeFalse();
}
