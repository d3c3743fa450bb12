using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Tests.Doubles;

namespace Sampan.Engine.Tests.Logs;

public sealed class LogKeepersTests
{
    private static readonly ContainerSpec s_compressed =
        Harbour.Spec with { Log = new LogWish { Driver = "json-file", Options = new Dictionary<string, string> { ["max-size"] = "1k", ["max-file"] = "3", ["compress"] = "true" } } };

    [Fact]
    public async Task A_log_that_has_ended_is_not_asked_again_until_the_exit_is_told()
    {
        await using var harbour = await Harbour.OpenAsync();
        var process = harbour.Process(await harbour.RunAsync(s_compressed));

        process.EndLog();
        while (process.LogEndsTold == 0)
            await Task.Yield();
        // Who asks again does it at once, and all the time.
        await Task.Delay(250, TestContext.Current.CancellationToken);
        process.LogEndsTold.ShouldBe(1);

        process.End(0);
        await harbour.Engine.DisposeAsync();
        harbour.Notices.ShouldNotContain(notice => notice.Message.Contains("compress", StringComparison.Ordinal));
    }
}
