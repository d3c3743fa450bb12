namespace Sampan.EndToEnd.Harness;

/// <summary>Waits for something that another process does in its own time.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // By a clock that nobody sets: a test does set the other one.
    private static TimeSpan Now => TimeSpan.FromMilliseconds(Environment.TickCount64);

    /// <summary>Asks again until <paramref name="condition"/> holds; fails, saying <paramref name="what"/>, when it does not in a minute.</summary>
    public static async Task HoldsAsync(string what, Func<Task<bool>> condition)
    {
        var deadline = Now + Patience;
        while (!await condition())
        {
            if (Now > deadline)
            {
                Assert.Fail($"not within {Patience.TotalSeconds:0} s: {what}");
            }

            await Task.Delay(25);
        }
    }

    public static Task HoldsAsync(string what, Func<bool> condition) => HoldsAsync(what, () => Task.FromResult(condition()));

    /// <summary>Asks again until the assertions in <paramref name="assertions"/> pass; the last failure is the test's.</summary>
    public static async Task PassesAsync(Func<Task> assertions)
    {
        var deadline = Now + Patience;
        while (true)
        {
            try
            {
                await assertions();
                return;
            }
            catch (ShouldAssertException) when (Now < deadline)
            {
                await Task.Delay(50);
            }
        }
    }
}
