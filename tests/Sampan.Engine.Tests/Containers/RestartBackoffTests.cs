using Sampan.Engine.Containers;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Recipes;
using Sampan.Engine.Tests.Doubles;

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

    [Fact]
    public async Task Labels_say_how_long_to_wait_and_when_a_restart_has_succeeded()
    {
        var time = new ManualTime();
        await using var harbour = await Harbour.OpenAsync(time);
        var id = await harbour.RunAsync(Harbour.Spec with
        {
            Restart = new RestartPolicy(RestartKind.OnFailure, 1),
            Labels = new Dictionary<string, string> { [RestartTiming.DelayLabel] = "7", [RestartTiming.WindowLabel] = "60" },
        });

        await FailAsync();
        // A run as long as the window: the restart before it no longer counts.
        time.Pass(TimeSpan.FromSeconds(60));
        await FailAsync();
        // A shorter one: it was the last.
        time.Pass(TimeSpan.FromSeconds(59));
        var last = harbour.Containers.WaitAsync(id, WaitCondition.NextExit, CancellationToken.None);
        harbour.Process(id).End(1);
        await last;
        harbour.Containers.Get(id).RestartsAt.ShouldBeNull();
        harbour.Containers.Get(id).RestartCount.ShouldBe(2);

        async Task FailAsync()
        {
            var before = harbour.Process(id);
            before.End(1);
            await time.WaiterAsync(TimeSpan.FromSeconds(7));
            time.Pass(TimeSpan.FromSeconds(7));
            while (!harbour.Supervisors.Living.Values.Any(s => s.Order.Id == id && s != before && s.Started) || !harbour.Containers.Get(id).IsRunning)
                await Task.Delay(10);
        }
    }

    [Fact]
    public async Task Between_two_runs_a_container_is_killed_by_a_kill_and_removed_by_force_only()
    {
        var time = new ManualTime();
        await using var harbour = await Harbour.OpenAsync(time);
        var id = await harbour.RunAsync(Harbour.Spec with
        {
            Restart = new RestartPolicy(RestartKind.Always),
            Labels = new Dictionary<string, string> { [RestartTiming.DelayLabel] = "7" },
        });
        harbour.Process(id).End(1);
        await time.WaiterAsync(TimeSpan.FromSeconds(7));

        var removal = await Should.ThrowAsync<EngineException>(() => harbour.Containers.RemoveAsync(id, new RemoveOptions(), CancellationToken.None));
        removal.Kind.ShouldBe(ErrorKind.Conflict);
        removal.Message.ShouldEndWith("container is restarting: stop the container before removing or force remove");
        (await Should.ThrowAsync<EngineException>(() => harbour.Containers.PauseAsync(id, CancellationToken.None))).Message.ShouldBe($"Container {id} is restarting, wait until the container is running");

        // A signal that does not end it changes nothing, as nobody gets it.
        await harbour.Containers.KillAsync(id, "HUP", CancellationToken.None);
        harbour.Containers.Get(id).RestartsAt.ShouldNotBeNull();
        await harbour.Containers.KillAsync(id, null, CancellationToken.None);

        harbour.Containers.Get(id).RestartsAt.ShouldBeNull();
        await harbour.Containers.RemoveAsync(id, new RemoveOptions(), CancellationToken.None);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("-1")]
    [InlineData("86401")]
    public async Task A_label_that_is_no_time_is_refused(string text)
    {
        await using var harbour = await Harbour.OpenAsync();
        var failure = await Should.ThrowAsync<EngineException>(() => harbour.RunAsync(Harbour.Spec with { Labels = new Dictionary<string, string> { [RestartTiming.DelayLabel] = text } }));
        failure.Message.ShouldContain($"invalid value of the label 'io.sampan.restart-delay': '{text}': expected seconds");
    }
}
