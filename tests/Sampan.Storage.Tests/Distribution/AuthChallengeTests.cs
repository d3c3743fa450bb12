using FsCheck;
using FsCheck.Fluent;
using Sampan.Storage.Distribution;

namespace Sampan.Storage.Tests.Distribution;

public sealed class AuthChallengeTests
{
    [Fact]
    public void Challenges_are_read_with_their_parameters()
    {
        var challenges = AuthChallenge.Parse(["Bearer realm=\"https://a/t\", service=\"s, \\\"x\\\"\",scope=repository:a:pull , Basic realm=\"r\"", "Negotiate"]);

        challenges.Select(challenge => challenge.Scheme).ShouldBe(["bearer", "basic", "negotiate"]);
        challenges[0]["realm"].ShouldBe("https://a/t");
        challenges[0]["service"].ShouldBe("s, \"x\"");
        challenges[1]["realm"].ShouldBe("r");
    }

    [Fact]
    public void Whatever_a_header_has_it_is_read_or_not_but_never_fails() =>
        Prop.ForAll<string>(text => AuthChallenge.Parse([text ?? "", "Bearer " + text, $"Bearer realm=\"{text}"]).Count >= 0).QuickCheckThrowOnFailure();
}
