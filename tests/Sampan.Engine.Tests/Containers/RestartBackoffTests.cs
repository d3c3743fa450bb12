using Sampan.Engine.Containers;
using Sampan.Engine.Recipes;

namespace Sampan.Engine.Tests.Containers;

public sealed class RestartBackoffTests
{
    [Fact]
    public void Waits_double_up_to_a_minute_and_begin_again_after_a_long_run()
    {
        TimeSpan? wait = null;
        var all = new List<double>();
        for (var i = 0; i < 12; i++)
            all.Add((wait = RestartBackoff.Next(wait, TimeSpan.Zero)).Value.TotalSeconds);
        all.ShouldBe([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 60, 60]);
        RestartBackoff.Next(wait, TimeSpan.FromSeconds(10)).ShouldBe(TimeSpan.FromMilliseconds(100));
    }

    [Theory]
    [InlineData(RestartKind.No, 0, 1, 0, false, false)]
    [InlineData(RestartKind.Always, 0, 0, 99, true, true)]
    [InlineData(RestartKind.UnlessStopped, 0, 0, 99, false, true)]
    [InlineData(RestartKind.UnlessStopped, 0, 0, 0, true, false)]
    [InlineData(RestartKind.OnFailure, 0, 0, 0, false, false)]
    [InlineData(RestartKind.OnFailure, 0, 1, 99, false, true)]
    [InlineData(RestartKind.OnFailure, 3, 1, 2, false, true)]
    [InlineData(RestartKind.OnFailure, 3, 1, 3, false, false)]
    public void Policies_want_what_dockers_want(RestartKind kind, int limit, int exitCode, int restarts, bool stopped, bool wanted) =>
        RestartBackoff.Wants(new RestartPolicy(kind, limit), exitCode, restarts, stopped).ShouldBe(wanted);
}
