using Sampan.Engine.Containers;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Supervision;
using Sampan.Engine.Tests.Doubles;
using Sampan.Network;
using Sampan.Runtime;

namespace Sampan.Engine.Tests.Containers;

public sealed class LifecycleTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Container_runs_from_created_to_removed()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.CreateAsync(name: "web");
        harbour.Containers.Get("web").State.ShouldBeOfType<ContainerState.Created>();
        await harbour.Containers.StartAsync("web", None);
        harbour.Containers.Get(id[..6]).State.ShouldBeOfType<ContainerState.Running>().Pid.ShouldBe(harbour.Process(id).InitPid);
        harbour.Networks.Connected.ShouldContainKey(id);

        var exit = harbour.Containers.WaitAsync("web", WaitCondition.NotRunning, None);
        harbour.Process(id).End(3);

        (await exit).ExitCode.ShouldBe(3);
        harbour.Containers.Get(id).State.ShouldBeOfType<ContainerState.Exited>().Status.ExitCode.ShouldBe(3);
        harbour.Networks.Connected.ShouldBeEmpty();
        Directory.Exists(Path.Combine(harbour.Root, "run", "containers", id)).ShouldBeFalse();
        await harbour.Containers.RemoveAsync("web", new RemoveOptions(), None);
        Should.Throw<EngineException>(() => harbour.Containers.Get(id)).Kind.ShouldBe(ErrorKind.NotFound);
        Directory.Exists(Path.Combine(harbour.Data, "containers", id)).ShouldBeFalse();
    }

    [Fact]
    public async Task Starting_twice_is_an_outcome_not_an_error()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync();
        (await harbour.Containers.StartAsync(id, None)).ShouldBe(StartOutcome.AlreadyRunning);
    }

    [Fact]
    public async Task Name_that_is_taken_is_a_conflict_and_leaves_nothing_behind()
    {
        await using var harbour = await Harbour.OpenAsync();
        await harbour.CreateAsync(name: "one");
        var failure = await Should.ThrowAsync<EngineException>(() => harbour.CreateAsync(name: "one"));
        failure.Kind.ShouldBe(ErrorKind.Conflict);
        failure.Message.ShouldContain("already in use");
        harbour.Containers.List().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Missing_image_is_not_found_and_names_it()
    {
        await using var harbour = await Harbour.OpenAsync();
        var failure = await Should.ThrowAsync<EngineException>(() => harbour.CreateAsync(new ContainerSpec { Image = "nothere" }));
        failure.Kind.ShouldBe(ErrorKind.NotFound);
        failure.Message.ShouldBe("No such image: nothere:latest");
    }

    [Fact]
    public async Task Every_problem_of_a_wish_is_told_at_once()
    {
        await using var harbour = await Harbour.OpenAsync();
        var spec = Harbour.Spec with
        {
            WorkingDirectory = "relative",
            StopSignal = "SIGNOPE",
            Resources = new ResourceLimits { Memory = 4096 },
            Security = new SecurityWish { CapAdd = ["NOT_A_CAP"] },
        };
        var failure = await Should.ThrowAsync<EngineException>(() => harbour.CreateAsync(spec));
        failure.Kind.ShouldBe(ErrorKind.InvalidArgument);
        failure.Message.ShouldContain("relative");
        failure.Message.ShouldContain("SIGNOPE");
        failure.Message.ShouldContain("Minimum memory limit allowed is 6MB");
        failure.Message.ShouldContain("NOT_A_CAP");
    }

    [Fact]
    public async Task Program_that_is_not_there_fails_the_start_with_its_exit_code()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.CreateAsync(Harbour.Spec with { Command = ["nope"] });
        harbour.Supervisors.StartFailure = new StartRefusedException("exec: \"nope\": executable file not found in $PATH", 127);

        var failure = await Should.ThrowAsync<EngineException>(() => harbour.Containers.StartAsync(id, None));

        failure.Kind.ShouldBe(ErrorKind.InvalidArgument);
        failure.Message.ShouldContain("executable file not found in $PATH");
        harbour.Containers.Get(id).State.ShouldBeOfType<ContainerState.Created>().Failure!.ExitCode.ShouldBe(127);
        harbour.Networks.Connected.ShouldBeEmpty();
        harbour.Supervisors.Living.ShouldBeEmpty();
        Directory.Exists(Path.Combine(harbour.Root, "run", "containers", id)).ShouldBeFalse();
    }

    [Fact]
    public async Task Wiring_that_fails_takes_the_launched_supervisor_down_again()
    {
        await using var harbour = await Harbour.OpenAsync();
        harbour.Networks.WiringFailure = new NetworkException(NetworkError.PortInUse, "port 80 is in use");
        var id = await harbour.CreateAsync();

        (await Should.ThrowAsync<EngineException>(() => harbour.Containers.StartAsync(id, None))).Message.ShouldContain("port 80 is in use");
        // The namespace goes with what failed, and the launch that looks for it fails as well: not for a reason of its own.
        harbour.Supervisors.LaunchFailure = new Sampan.Runtime.RuntimeException("launch", "cannot open the network namespace");
        (await Should.ThrowAsync<EngineException>(() => harbour.Containers.StartAsync(id, None))).Message.ShouldContain("port 80 is in use");
        harbour.Supervisors.LaunchFailure = null;

        harbour.Supervisors.Living.ShouldBeEmpty();
        harbour.Networks.Connected.ShouldBeEmpty();
        harbour.Networks.WiringFailure = null;
        (await harbour.Containers.StartAsync(id, None)).ShouldBe(StartOutcome.Started);
    }

    [Fact]
    public async Task Stop_sends_the_signal_of_the_container()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync(Harbour.Spec with { StopSignal = "SIGINT" });
        var process = harbour.Process(id);
        (await harbour.Containers.StopAsync(id, null, null, None)).ShouldBe(StopOutcome.Stopped);
        process.Signals.ShouldBe([(2, false)]);
        harbour.Containers.Get(id).LastExit!.ExitCode.ShouldBe(130);
        (await harbour.Containers.StopAsync(id, null, null, None)).ShouldBe(StopOutcome.AlreadyStopped);
    }

    [Fact]
    public async Task Stop_kills_all_processes_after_the_timeout()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync();
        var process = harbour.Process(id);
        process.Heeds = signal => signal == 9;
        await harbour.Containers.StopAsync(id, 0, null, None);
        process.Signals.ShouldBe([(15, false), (9, true)]);
    }

    [Fact]
    public async Task Stopping_a_paused_container_thaws_it_so_that_the_signal_arrives()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync();
        await harbour.Containers.PauseAsync(id, None);
        harbour.Containers.Get(id).State.ShouldBeOfType<ContainerState.Paused>();
        (await harbour.Containers.StopAsync(id, 30, null, None)).ShouldBe(StopOutcome.Stopped);
    }

    [Fact]
    public async Task Kill_of_what_does_not_run_is_a_conflict()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.CreateAsync();
        (await Should.ThrowAsync<EngineException>(() => harbour.Containers.KillAsync(id, null, None))).Kind.ShouldBe(ErrorKind.Conflict);
    }

    [Fact]
    public async Task Removing_what_ends_by_itself_at_that_moment_waits_for_the_end()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync();
        // The line breaks before the engine is told of the exit.
        var process = harbour.Process(id);
        process.SignalFailure = new RuntimeException("control", "the supervisor is gone");
        var removing = harbour.Containers.RemoveAsync(id, new RemoveOptions { Force = true }, None);
        process.End(0);

        await removing;
        harbour.Containers.List().ShouldBeEmpty();
    }

    [Fact]
    public async Task Removing_what_runs_needs_force()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync();
        (await Should.ThrowAsync<EngineException>(() => harbour.Containers.RemoveAsync(id, new RemoveOptions(), None))).Kind.ShouldBe(ErrorKind.Conflict);
        await harbour.Containers.RemoveAsync(id, new RemoveOptions { Force = true }, None);
        harbour.Containers.List().ShouldBeEmpty();
        harbour.Supervisors.Living.ShouldBeEmpty();
    }

    [Fact]
    public async Task Rm_container_goes_when_it_ends_and_wait_for_removal_gets_its_code()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.CreateAsync(Harbour.Spec with { AutoRemove = true, AnonymousVolumes = ["/scratch"] });
        var gone = harbour.Containers.WaitAsync(id, WaitCondition.Removed, None);
        await harbour.Containers.StartAsync(id, None);
        harbour.Process(id).End(42);
        (await gone).ExitCode.ShouldBe(42);
        harbour.Containers.List().ShouldBeEmpty();
        harbour.Engine.Volumes.List().ShouldBeEmpty();
    }

    [Fact]
    public async Task Restart_policy_starts_again_until_its_limit()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync(Harbour.Spec with { Restart = new RestartPolicy(RestartKind.OnFailure, 2) });
        for (var run = 0; run < 2; run++)
        {
            var before = harbour.Process(id);
            before.End(1);
            while (!harbour.Supervisors.Living.Values.Any(s => s.Order.Id == id && s != before && s.Started) || !harbour.Containers.Get(id).IsRunning)
                await Task.Delay(10);
        }

        var last = harbour.Containers.WaitAsync(id, WaitCondition.NextExit, None);
        harbour.Process(id).End(1);
        await last;
        harbour.Containers.Get(id).RestartsAt.ShouldBeNull();
        harbour.Containers.Get(id).RestartCount.ShouldBe(2);
    }

    [Fact]
    public async Task Stopped_by_a_person_a_container_is_not_restarted()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync(Harbour.Spec with { Restart = new RestartPolicy(RestartKind.Always) });
        await harbour.Containers.StopAsync(id, 5, null, None);
        harbour.Containers.Get(id).RestartsAt.ShouldBeNull();
        harbour.Containers.Get(id).State.ShouldBeOfType<ContainerState.Exited>();
    }

    [Fact]
    public async Task Restart_keeps_a_container_that_would_be_removed()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync(Harbour.Spec with { AutoRemove = true });
        await harbour.Containers.RestartAsync(id, 5, null, None);
        harbour.Containers.Get(id).IsRunning.ShouldBeTrue();
    }

    [Fact]
    public async Task Rename_frees_the_old_name()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.CreateAsync(name: "old");
        await harbour.Containers.RenameAsync("old", "new");
        harbour.Containers.Get("new").Id.ShouldBe(id);
        await harbour.CreateAsync(name: "old");
    }

    [Fact]
    public async Task Memory_kill_is_reported_as_such()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync();
        var exit = harbour.Containers.WaitAsync(id, WaitCondition.NextExit, None);
        harbour.Process(id).End(137, 9, oom: true);
        (await exit).OomKilled.ShouldBeTrue();
        (await harbour.EventAsync("oom", id)).Type.ShouldBe("container");
    }

    [Fact]
    public async Task Fifty_containers_start_and_go_side_by_side()
    {
        await using var harbour = await Harbour.OpenAsync();
        var ids = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => harbour.RunAsync())));
        harbour.Containers.List().Count(c => c.IsRunning).ShouldBe(50);
        await Task.WhenAll(ids.Select(id => Task.Run(() => harbour.Containers.RemoveAsync(id, new RemoveOptions { Force = true }, None))));
        harbour.Containers.List().ShouldBeEmpty();
        harbour.Networks.Connected.ShouldBeEmpty();
        // Gone by name; what was in them goes on a task of the engine's own, which ends with it.
        await harbour.Engine.DisposeAsync();
        Directory.EnumerateDirectories(Path.Combine(harbour.Data, "containers")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Resources_are_updated_while_it_runs()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync();
        await harbour.Containers.UpdateAsync(id, new UpdateRequest { Resources = new ResourceLimits { Memory = 64 << 20 } }, None);
        harbour.Process(id).Updated!.Memory!.Limit.ShouldBe(64 << 20);
        harbour.Containers.Get(id).Spec.Resources.Memory.ShouldBe(64 << 20);
    }
}
