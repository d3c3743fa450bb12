using Sampan.Storage.Distribution;
using Sampan.Storage.Images.Remotes;

namespace Sampan.Storage.Tests.Distribution;

/// <summary>The clock is set while an image comes: a token holds as long as its server said, by the time that passes.</summary>
public sealed class TokenClockTests : RegistryTest
{
    [Theory]
    [InlineData(24, 0, 1)]
    [InlineData(-24, 0, 1)]
    [InlineData(0, 300, 2)]
    [InlineData(-24, 300, 2)]
    public async Task A_token_holds_as_long_whatever_the_clock_is_set_to(int hours, int seconds, int asked)
    {
        var clock = new SetClock();
        await using var tokens = new TestRegistry();
        var given = 0;
        tokens.Intercept = _ => TestAnswer.Json(200, $$"""{"token":"T{{Interlocked.Increment(ref given)}}","expires_in":300}""");
        TestImage.Publish(Registry, "app", "v1", TestImage.Layer("a", 100));
        Registry.Intercept = request =>
        {
            if (request.Header("Authorization") is not { } shown)
                return new TestAnswer(401).With("WWW-Authenticate", $"Bearer realm=\"{tokens.Url}/token\"");
            if (shown == "Bearer T1" && request.Path.Contains("/manifests/", StringComparison.Ordinal))
            {
                clock.Set(TimeSpan.FromHours(hours));
                clock.Pass(TimeSpan.FromSeconds(seconds));
            }

            return null;
        };
        using var client = new Registries(Hasty, clock);

        await Images.PullAsync(client, Name("app:v1"), new PullOptions(), null, Ct);

        given.ShouldBe(asked);
        Images.List().ShouldHaveSingleItem();
    }
}
