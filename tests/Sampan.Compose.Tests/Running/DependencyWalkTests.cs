using Sampan.Compose.Running;

namespace Sampan.Compose.Tests.Running;

public sealed class DependencyWalkTests
{
    private static readonly Dictionary<string, IReadOnlyList<string>> s_order = new(StringComparer.Ordinal) { ["web"] = ["api", "cache"], ["api"] = ["db"], ["cache"] = [], ["db"] = [], ["job"] = ["gone"] };

    [Fact]
    public async Task Each_comes_after_those_before_it()
    {
        var done = new List<string>();
        await DependencyWalk.RunAsync(s_order, name =>
        {
            lock (done) done.Add(name);
            return Task.CompletedTask;
        });
        done.Count.ShouldBe(5);
        done.IndexOf("db").ShouldBeLessThan(done.IndexOf("api"));
        done.IndexOf("api").ShouldBeLessThan(done.IndexOf("web"));
        done.IndexOf("cache").ShouldBeLessThan(done.IndexOf("web"));
    }

    [Fact]
    public async Task What_nothing_orders_goes_side_by_side()
    {
        var both = new TaskCompletionSource();
        int here = 0;
        await DependencyWalk.RunAsync(new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["a"] = [], ["b"] = [] }, async _ =>
        {
            if (Interlocked.Increment(ref here) == 2) both.SetResult();
            await both.Task.WaitAsync(TimeSpan.FromMinutes(2));
        });
    }

    [Fact]
    public async Task What_depends_on_a_failure_is_not_touched_and_the_rest_is()
    {
        var done = new List<string>();
        var failure = await Should.ThrowAsync<InvalidOperationException>(() => DependencyWalk.RunAsync(s_order, name =>
        {
            lock (done) done.Add(name);
            return name == "db" ? Task.FromException(new InvalidOperationException("no")) : Task.CompletedTask;
        }));
        failure.Message.ShouldBe("no");
        done.Order(StringComparer.Ordinal).ShouldBe(["cache", "db", "job"]);
    }

    [Fact]
    public async Task Backwards_it_is_the_other_way_round()
    {
        var done = new List<string>();
        await DependencyWalk.RunAsync(DependencyWalk.Reverse(s_order), name =>
        {
            lock (done) done.Add(name);
            return Task.CompletedTask;
        });
        done.IndexOf("web").ShouldBeLessThan(done.IndexOf("api"));
        done.IndexOf("api").ShouldBeLessThan(done.IndexOf("db"));
    }

    [Fact]
    public async Task A_circle_in_labels_does_not_hang() =>
        await DependencyWalk.RunAsync(new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["a"] = ["b"], ["b"] = ["a"] }, static _ => Task.CompletedTask).WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
}
