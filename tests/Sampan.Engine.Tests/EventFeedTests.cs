using Sampan.Engine.Events;

namespace Sampan.Engine.Tests;

public sealed class EventFeedTests
{
    [Fact]
    public async Task Past_comes_first_then_what_follows_without_a_gap()
    {
        var feed = new EventFeed(TimeProvider.System);
        feed.Publish("container", "create", "1");
        await using var events = feed.SubscribeAsync(DateTimeOffset.MinValue, null, CancellationToken.None).GetAsyncEnumerator();
        (await events.MoveNextAsync()).ShouldBeTrue();
        events.Current.Action.ShouldBe("create");
        feed.Publish("container", "start", "1");
        (await events.MoveNextAsync()).ShouldBeTrue();
        events.Current.Action.ShouldBe("start");
    }

    [Fact]
    public async Task Until_in_the_past_ends_after_what_was()
    {
        var feed = new EventFeed(TimeProvider.System);
        feed.Publish("container", "create", "1");
        var seen = 0;
        await foreach (var _ in feed.SubscribeAsync(DateTimeOffset.MinValue, TimeProvider.System.GetUtcNow(), CancellationToken.None))
            seen++;
        seen.ShouldBe(1);
        feed.ListenerCount.ShouldBe(0);
    }

    [Fact]
    public async Task Listener_that_falls_behind_is_dropped_and_told_and_others_are_not()
    {
        var feed = new EventFeed(TimeProvider.System);
        await using var slow = feed.SubscribeAsync(null, null, CancellationToken.None).GetAsyncEnumerator();
        var first = slow.MoveNextAsync();
        for (var i = 0; i < 6000; i++)
            feed.Publish("container", "top", i.ToString());
        (await first).ShouldBeTrue();
        var failure = await Should.ThrowAsync<EngineException>(async () =>
        {
            while (await slow.MoveNextAsync())
            {
            }
        });
        failure.Kind.ShouldBe(ErrorKind.Unavailable);
        feed.Past(null, null).Count.ShouldBe(1024);
    }
}
