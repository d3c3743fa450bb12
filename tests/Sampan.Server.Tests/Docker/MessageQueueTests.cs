using Sampan.Build;
using Sampan.Server.Docker.Images;

namespace Sampan.Server.Tests.Docker;

public class MessageQueueTests
{
    private const int Many = 2000;

    [Fact]
    public async Task All_that_was_told_is_taken_in_order_also_after_its_end()
    {
        var queue = Filled();
        queue.Complete();

        var taken = new List<string>();
        while (await queue.WaitAsync(TestContext.Current.CancellationToken))
        {
            while (queue.TryTake(out var message))
                taken.Add(((BuildMessage.Text)message).Content);
        }
        taken.ShouldBe(Enumerable.Range(0, Many).Select(i => $"{i}"));
    }

    [Fact]
    public async Task Everyone_who_waits_for_room_goes_on_when_there_is_some()
    {
        var queue = Filled();
        Task[] waiting = [.. Enumerable.Range(0, 3).Select(_ => queue.RoomAsync(TestContext.Current.CancellationToken))];
        queue.TryTake(out _).ShouldBeTrue();
        waiting.ShouldAllBe(one => !one.IsCompleted, "one message less is not room yet");

        while (queue.TryTake(out _))
        {
            // All of it.
        }
        await Task.WhenAll(waiting);
        queue.RoomAsync(TestContext.Current.CancellationToken).IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public async Task Nobody_waits_for_a_client_that_is_gone()
    {
        var queue = Filled();
        var waiting = queue.RoomAsync(TestContext.Current.CancellationToken);
        queue.Abandon();

        await waiting;
        queue.Report(new BuildMessage.Text("late"));
        queue.RoomAsync(TestContext.Current.CancellationToken).IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public async Task Who_gives_up_waiting_for_room_is_let_go()
    {
        using var patience = new CancellationTokenSource();
        var waiting = Filled().RoomAsync(patience.Token);
        await patience.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => waiting);
    }

    private static MessageQueue Filled()
    {
        var queue = new MessageQueue();
        for (var i = 0; i < Many; i++)
            queue.Report(new BuildMessage.Text($"{i}"));
        return queue;
    }
}
