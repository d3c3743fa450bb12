using System.Collections.Concurrent;
using Sampan.Engine.Containers;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Health;
using Sampan.Engine.Supervision;
using Sampan.Engine.Tests.Doubles;
using Sampan.Oci.Images;

namespace Sampan.Engine.Tests.Health;

public sealed class HealthMonitorTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly ContainerSpec Probed = Harbour.Spec with
    {
        Healthcheck = new HealthProbe { Test = ["CMD-SHELL", "check"], Interval = 20_000_000_000, Timeout = 3_000_000_000, Retries = 2 },
    };

    private readonly ManualTime _time = new();
    private readonly ConcurrentQueue<MemoryProbe> _probes = new();

    private async Task<string> RunAsync(Harbour harbour, ContainerSpec spec)
    {
        var id = await harbour.RunAsync(spec);
        Serve(harbour, id);
        return id;
    }

    private void Serve(Harbour harbour, string id) => harbour.Process(id).NextExec = _ => Take();

    private IRunningExec? Take() => _probes.TryDequeue(out var probe) ? probe : null;

    private MemoryProbe Next(MemoryProbe probe)
    {
        _probes.Enqueue(probe);
        return probe;
    }

    private async Task ProbeAsync(int code, string output = "")
    {
        Next(MemoryProbe.Ended(code, output));
        await _time.AdvanceAsync(Interval);
        await _time.WaiterAsync(Interval);
    }

    private static async Task<ContainerSnapshot> WhenAsync(Harbour harbour, string id, Func<ContainerSnapshot, bool> holds)
    {
        for (var end = Environment.TickCount64 + (long)Patience.TotalMilliseconds; Environment.TickCount64 < end; await Task.Delay(10))
        {
            if (holds(harbour.Containers.Get(id)))
                return harbour.Containers.Get(id);
        }

        throw new TimeoutException($"{harbour.Containers.Get(id)}");
    }

    [Fact]
    public async Task A_container_is_starting_then_healthy_then_unhealthy_and_each_change_is_an_event()
    {
        await using var harbour = await Harbour.OpenAsync(_time);
        var id = await RunAsync(harbour, Probed);
        harbour.Containers.Get(id).Health.ShouldNotBeNull().Status.ShouldBe(HealthStatus.Starting);

        await ProbeAsync(0, "fine\n");
        await harbour.EventAsync("health_status: healthy", id);
        var health = harbour.Containers.Get(id).Health.ShouldNotBeNull();
        (health.Status, health.FailingStreak, health.Log.Single().Output).ShouldBe((HealthStatus.Healthy, 0, "fine\n"));
        harbour.Process(id).Execs.Single().Args.ShouldBe(["/bin/sh", "-c", "check"]);

        await ProbeAsync(1);
        harbour.Containers.Get(id).Health!.Status.ShouldBe(HealthStatus.Healthy);
        await ProbeAsync(1);
        await harbour.EventAsync("health_status: unhealthy", id);
        (harbour.Containers.Get(id).Health!.Status, harbour.Containers.Get(id).Health!.FailingStreak).ShouldBe((HealthStatus.Unhealthy, 2));
        harbour.Containers.Get(id).IsRunning.ShouldBeTrue("an unhealthy container is left alone by default");
    }

    [Fact]
    public async Task Output_is_cut_at_4096_bytes()
    {
        await using var harbour = await Harbour.OpenAsync(_time);
        var id = await RunAsync(harbour, Probed);

        await ProbeAsync(0, new string('x', 10_000));

        harbour.Containers.Get(id).Health!.Log.Single().Output.ShouldBe(new string('x', 4096) + "...");
    }

    [Fact]
    public async Task A_probe_that_takes_too_long_is_killed_and_counts_as_failed()
    {
        await using var harbour = await Harbour.OpenAsync(_time);
        var id = await RunAsync(harbour, Probed);

        var hanging = Next(new MemoryProbe("half a line"));
        await _time.AdvanceAsync(Interval);
        await _time.AdvanceAsync(ProbeTimeout);

        await hanging.Killed.WaitAsync(Patience);
        var health = (await WhenAsync(harbour, id, c => c.Health!.Log.Count == 1)).Health!;
        (health.Log[0].ExitCode, health.Log[0].Output, health.FailingStreak).ShouldBe((-1, "Health check exceeded timeout (3s): half a line", 1));
    }

    [Fact]
    public async Task A_probe_that_cannot_be_run_counts_as_failed()
    {
        await using var harbour = await Harbour.OpenAsync(_time);
        var id = await RunAsync(harbour, Probed);
        harbour.Process(id).ExecFailure = new StartRefusedException("exec: \"check\": executable file not found in $PATH", 127, null);

        await _time.AdvanceAsync(Interval);

        var health = (await WhenAsync(harbour, id, c => c.Health!.Log.Count == 1)).Health!;
        (health.Log[0].ExitCode, health.FailingStreak).ShouldBe((-1, 1));
        health.Log[0].Output.ShouldContain("executable file not found");
    }

    [Fact]
    public async Task A_paused_container_is_not_probed_and_keeps_its_verdict()
    {
        await using var harbour = await Harbour.OpenAsync(_time);
        var id = await RunAsync(harbour, Probed);
        await ProbeAsync(0);
        var hanging = Next(new MemoryProbe());
        await _time.AdvanceAsync(Interval);
        await _time.WaiterAsync(ProbeTimeout);

        await harbour.Containers.PauseAsync(id, CancellationToken.None);
        await hanging.Killed.WaitAsync(Patience);
        _time.Pass(TimeSpan.FromHours(1));
        var paused = harbour.Containers.Get(id).Health!;
        (paused.Status, paused.Log.Count).ShouldBe((HealthStatus.Healthy, 1));

        await harbour.Containers.UnpauseAsync(id, CancellationToken.None);
        await ProbeAsync(1);
        harbour.Containers.Get(id).Health!.FailingStreak.ShouldBe(1);
    }

    [Fact]
    public async Task A_new_daemon_goes_on_where_the_one_before_stopped()
    {
        await using var harbour = await Harbour.OpenAsync(_time);
        var id = await RunAsync(harbour, Probed);
        await ProbeAsync(0);
        await ProbeAsync(1);

        await harbour.ReopenAsync();
        var health = harbour.Containers.Get(id).Health.ShouldNotBeNull();
        (health.Status, health.FailingStreak, health.Log.Count).ShouldBe((HealthStatus.Healthy, 1, 2));

        await ProbeAsync(1);
        harbour.Containers.Get(id).Health!.Status.ShouldBe(HealthStatus.Unhealthy);
    }

    [Fact]
    public async Task A_container_that_has_ended_is_unhealthy_and_starts_anew()
    {
        await using var harbour = await Harbour.OpenAsync(_time);
        var id = await RunAsync(harbour, Probed);
        await ProbeAsync(0);

        await harbour.Containers.StopAsync(id, null, null, CancellationToken.None);
        harbour.Containers.Get(id).Health!.Status.ShouldBe(HealthStatus.Unhealthy);

        await harbour.Containers.StartAsync(id, CancellationToken.None);
        var health = harbour.Containers.Get(id).Health!;
        (health.Status, health.FailingStreak, health.Log.Count).ShouldBe((HealthStatus.Starting, 0, 1));
    }

    [Fact]
    public async Task An_unhealthy_container_is_started_again_if_its_label_says_so()
    {
        await using var harbour = await Harbour.OpenAsync(_time);
        var id = await RunAsync(harbour, Probed with { Labels = new Dictionary<string, string> { [UnhealthyRestart.Label] = "true" } });
        await ProbeAsync(1);

        Next(MemoryProbe.Ended(1));
        await _time.AdvanceAsync(Interval);
        var restart = await harbour.EventAsync("restart", id);
        restart.Attributes["reason"].ShouldBe("unhealthy");
        await _time.AdvanceAsync(TimeSpan.FromMilliseconds(100));

        var now = await WhenAsync(harbour, id, c => c is { RestartCount: 1, State: ContainerState.Running });
        now.Health!.Status.ShouldBe(HealthStatus.Starting);
        now.StoppedByUser.ShouldBeFalse();

        // It was never well: the next wait is longer, though it ran for more than ten seconds.
        Serve(harbour, id);
        await ProbeAsync(1);
        Next(MemoryProbe.Ended(1));
        await _time.AdvanceAsync(Interval);
        await _time.AdvanceAsync(TimeSpan.FromMilliseconds(200));
        await WhenAsync(harbour, id, c => c is { RestartCount: 2, State: ContainerState.Running });
    }

    [Fact]
    public async Task The_daemons_default_holds_for_containers_that_say_nothing()
    {
        await using var harbour = await Harbour.OpenAsync(_time);
        harbour.Options = options => options with { RestartOnUnhealthy = true };
        await harbour.ReopenAsync();
        var willing = await RunAsync(harbour, Probed);
        var unwilling = await RunAsync(harbour, Probed with { Labels = new Dictionary<string, string> { [UnhealthyRestart.Label] = "false" } });

        // Without a probe prepared the double's exec has ended with code 7.
        await _time.AdvanceAsync(Interval, count: 2);
        await WhenAsync(harbour, willing, c => c.Health!.FailingStreak == 1);
        await WhenAsync(harbour, unwilling, c => c.Health!.FailingStreak == 1);
        await _time.AdvanceAsync(Interval, count: 2);
        await harbour.EventAsync("health_status: unhealthy", unwilling);
        await harbour.EventAsync("restart", willing);

        harbour.Containers.Get(unwilling).RestartCount.ShouldBe(0);
        harbour.Containers.Get(unwilling).IsRunning.ShouldBeTrue();
    }

    [Fact]
    public async Task A_person_who_stops_it_meanwhile_has_the_last_word()
    {
        await using var harbour = await Harbour.OpenAsync(_time);
        var id = await RunAsync(harbour, Probed with { Labels = new Dictionary<string, string> { [UnhealthyRestart.Label] = "true" } });
        await ProbeAsync(1);
        Next(MemoryProbe.Ended(1));
        await _time.AdvanceAsync(Interval);
        await WhenAsync(harbour, id, c => c.RestartsAt is not null);

        await harbour.Containers.StopAsync(id, null, null, CancellationToken.None);
        _time.Pass(TimeSpan.FromMinutes(5));

        var now = harbour.Containers.Get(id);
        (now.IsRunning, now.RestartsAt, now.RestartCount).ShouldBe((false, null, 0));
    }

    [Fact]
    public async Task Update_turns_it_on_and_off()
    {
        await using var harbour = await Harbour.OpenAsync(_time);
        var id = await RunAsync(harbour, Probed);

        await harbour.Containers.UpdateAsync(id, new UpdateRequest { RestartOnUnhealthy = true }, CancellationToken.None);
        await ProbeAsync(1);
        Next(MemoryProbe.Ended(1));
        await _time.AdvanceAsync(Interval);
        await harbour.EventAsync("restart", id);
    }

    [Fact]
    public async Task A_container_that_goes_with_its_process_cannot_be_started_again()
    {
        await using var harbour = await Harbour.OpenAsync(_time);

        var wrong = await Should.ThrowAsync<EngineException>(harbour.CreateAsync(Probed with { AutoRemove = true, Labels = new Dictionary<string, string> { [UnhealthyRestart.Label] = "true" } }));

        wrong.Message.ShouldContain("AutoRemove");
    }

    [Fact]
    public async Task The_images_probe_is_the_containers()
    {
        await using var harbour = await Harbour.OpenAsync(_time, "HEALTHCHECK --interval=20s --retries=1 CMD [\"/check\", \"-q\"]");
        var id = await RunAsync(harbour, Harbour.Spec);

        await ProbeAsync(1);

        harbour.Process(id).Execs.Single().Args.ShouldBe(["/check", "-q"]);
        harbour.Containers.Get(id).Health!.Status.ShouldBe(HealthStatus.Unhealthy);
    }
}
