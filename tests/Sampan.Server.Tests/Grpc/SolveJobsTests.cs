using Sampan.Build;
using Sampan.BuildKit.Protos.Gateway;
using Sampan.Engine.Tests.Doubles;
using Sampan.Server.BuildKit;
using Sampan.Server.Docker.Sessions;
using Sampan.Server.Grpc;
using SolveRequest = Sampan.BuildKit.Protos.Control.SolveRequest;

namespace Sampan.Server.Tests.Grpc;

/// <summary>Builds by their clients' names for them, and what they tell.</summary>
public sealed class SolveJobsTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_gives_up_waiting_for_a_build_leaves_nothing_and_takes_nothing_from_others_that_wait()
    {
        var jobs = new SolveJobs(new ManualTime());
        using var impatient = new CancellationTokenSource();
        var waiting = jobs.FindAsync("build", impatient.Token);
        var other = jobs.FindAsync("build", Ct);
        await impatient.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => waiting);
        jobs.Awaited.ShouldBe(1);

        using var ends = new ConnectionEnds();
        var job = new SolveJob("build", new SolveRequest(), null, Feed(), ends, CancellationToken.None);
        jobs.Add(job);

        (await other.WaitAsync(s_patience, Ct)).ShouldBeSameAs(job);
        jobs.Awaited.ShouldBe(0);
    }

    [Fact]
    public async Task Nobody_waits_for_a_reader_of_a_build_that_is_over()
    {
        var feed = Feed();
        var isRead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reading = feed.ReadAsync(_ => { isRead.TrySetResult(); return goOn.Task; }, Ct);
        feed.Report(Act(0));
        await isRead.Task.WaitAsync(s_patience, Ct);
        for (var i = 1; i <= 2000; i++)
            feed.Report(Act(i));
        var room = feed.RoomAsync(Ct);
        room.IsCompleted.ShouldBeFalse("somebody reads slowly");

        feed.End();

        await room.WaitAsync(s_patience, Ct);
        goOn.SetResult();
        await reading.WaitAsync(s_patience, Ct);
    }

    [Fact]
    public async Task What_a_client_warns_of_is_kept_within_limits()
    {
        var feed = Feed();
        var warning = new WarnRequest { Url = new string('x', 1 << 20) };
        for (var i = 0; i < 100; i++)
            feed.Warn(warning);
        feed.End();

        var bytes = 0;
        await feed.ReadAsync(status => { bytes += status.CalculateSize(); return Task.CompletedTask; }, Ct);
        bytes.ShouldBeInRange(1 << 20, 40 << 20);
    }

    private static StatusFeed Feed() => new(new BuildTrace("build", TimeProvider.System));

    private static BuildMessage Act(int number) => new BuildMessage.Act(number, $"act {number}", DateTimeOffset.UnixEpoch);
}
