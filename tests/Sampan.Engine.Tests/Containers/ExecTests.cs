using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Streams;
using Sampan.Engine.Execs;
using Sampan.Engine.Supervision;
using Sampan.Engine.Tests.Doubles;

namespace Sampan.Engine.Tests.Containers;

public sealed class ExecTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Exec_runs_with_the_containers_environment_and_its_own_user()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync(Harbour.Spec with { Env = ["A=1"] });
        var exec = harbour.Engine.Execs.Create(id, new ExecSpec { Command = ["id"], User = "www", Env = ["B=2"], WorkingDirectory = "/tmp" });
        harbour.Containers.Get(id).ExecIds.ShouldBe([exec], "it is told from the beginning");
        await harbour.Engine.Execs.StartAsync(exec, new ExecStartOptions { Detach = true }, None);
        var process = harbour.Process(id).Execs.ShouldHaveSingleItem();
        process.Args.ShouldBe(["id"]);
        process.User.Uid.ShouldBe(33u);
        process.User.AdditionalGids.ShouldBe([33u, 44u]);
        process.Env.ShouldContain("A=1");
        process.Env.ShouldContain("B=2");
        process.Env.ShouldContain("HOME=/var/www");
        process.Cwd.ShouldBe("/tmp");
        process.Capabilities!.Effective.ShouldBeEmpty();
        await harbour.EventAsync("exec_die", id);
        harbour.Engine.Execs.Get(exec).ExitCode.ShouldBe(7);
        harbour.Containers.Get(id).ExecIds.ShouldBeEmpty();
    }

    [Fact]
    public async Task Exec_needs_a_running_container_that_is_not_paused()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.CreateAsync();
        Should.Throw<EngineException>(() => harbour.Engine.Execs.Create(id, new ExecSpec { Command = ["id"] })).Message.ShouldContain("is not running");
        await harbour.Containers.StartAsync(id, None);
        await harbour.Containers.PauseAsync(id, None);
        Should.Throw<EngineException>(() => harbour.Engine.Execs.Create(id, new ExecSpec { Command = ["id"] })).Message.ShouldContain("is paused");
    }

    [Fact]
    public async Task A_client_that_saw_the_end_of_the_output_gets_the_exit_code()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync();
        var ending = new TaskCompletionSource<ExitStatus>();
        harbour.Process(id).NextExec = _ => new SilentExec(ending.Task);
        var exec = harbour.Engine.Execs.Create(id, new ExecSpec { Command = ["id"], AttachStdout = true });
        await using var stream = (await harbour.Engine.Execs.StartAsync(exec, new ExecStartOptions(), None)).ShouldNotBeNull();

        // Its output has ended, the process has not.
        var pumping = stream.PumpAsync(null, Stream.Null, None);
        pumping.IsCompleted.ShouldBeFalse();
        ending.SetResult(new ExitStatus { ExitCode = 5, FinishedAt = DateTimeOffset.UnixEpoch });

        (await pumping).ShouldBe(AttachEnd.Finished);
        harbour.Engine.Execs.Get(exec).ShouldSatisfyAllConditions(e => e.Running.ShouldBeFalse(), e => e.ExitCode.ShouldBe(5));
    }

    [Fact]
    public async Task Exec_of_a_missing_program_tells_it_and_keeps_the_code()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync();
        harbour.Process(id).ExecFailure = new StartRefusedException("exec: \"nope\": executable file not found in $PATH", 127);
        var exec = harbour.Engine.Execs.Create(id, new ExecSpec { Command = ["nope"] });
        (await Should.ThrowAsync<EngineException>(() => harbour.Engine.Execs.StartAsync(exec, new ExecStartOptions(), None))).Message.ShouldContain("executable file not found");
        harbour.Engine.Execs.Get(exec).ExitCode.ShouldBe(127);
        (await Should.ThrowAsync<EngineException>(() => harbour.Engine.Execs.StartAsync(exec, new ExecStartOptions(), None))).Kind.ShouldBe(ErrorKind.Conflict);
    }

    [Fact]
    public async Task Unknown_user_is_an_error_and_never_root()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync();
        var exec = harbour.Engine.Execs.Create(id, new ExecSpec { Command = ["id"], User = "nobody-here" });
        (await Should.ThrowAsync<EngineException>(() => harbour.Engine.Execs.StartAsync(exec, new ExecStartOptions(), None))).Message.ShouldContain("nobody-here");
        harbour.Process(id).Execs.ShouldBeEmpty();
    }

    private sealed class SilentExec(Task<ExitStatus> exited) : IRunningExec
    {
        public int Pid => 4711;

        public Wire? Wire { get; } = new(Stream.Null, () => Task.CompletedTask);

        public Task<ExitStatus> Exited => exited;

        public void Kill()
        {
            // It has nothing to be killed.
        }

        public Task ResizeAsync(TerminalSize size, CancellationToken ct) => Task.CompletedTask;
    }
}
