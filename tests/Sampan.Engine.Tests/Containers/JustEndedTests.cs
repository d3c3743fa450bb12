using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Streams;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Execs;
using Sampan.Engine.Tests.Doubles;
using Sampan.Runtime;

namespace Sampan.Engine.Tests.Containers;

/// <summary>The line to the supervisor breaks before the engine is told of the exit: what is asked then is answered as of a container that has ended.</summary>
public sealed class JustEndedTests
{
    private static readonly RuntimeException Broken = new("control", "the supervisor is gone");

    public static TheoryData<string> Requests => ["pause", "unpause", "resize", "exec"];

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Request_to_what_just_ended_says_that_it_is_not_running(string request)
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync(new ContainerSpec { Image = "busybox", Command = ["sh"], Tty = true });
        var process = harbour.Process(id);
        if (request == "unpause")
            await harbour.Containers.PauseAsync(id, CancellationToken.None);
        (process.RequestFailure, process.ExecFailure) = (Broken, Broken);
        var asking = AskAsync(harbour, id, request);
        process.End(0);

        var refused = await Should.ThrowAsync<EngineException>(() => asking);
        refused.Kind.ShouldBe(ErrorKind.Conflict);
        refused.Message.ShouldBe($"container {id} is not running");
    }

    [Fact]
    public async Task Update_of_what_just_ended_holds_from_the_next_start()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync();
        var process = harbour.Process(id);
        process.RequestFailure = Broken;
        var updating = harbour.Containers.UpdateAsync(id, new UpdateRequest { Resources = new ResourceLimits { CpuShares = 7 } }, CancellationToken.None);
        process.End(0);

        await updating;
        harbour.Containers.Get(id).Spec.Resources.CpuShares.ShouldBe(7);
    }

    [Fact]
    public async Task Refusal_of_what_still_runs_is_told_as_it_is()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync();
        harbour.Process(id).RequestFailure = new RuntimeException("cgroup", "cannot write 'cpu.shares'");

        (await Should.ThrowAsync<EngineException>(() => harbour.Containers.PauseAsync(id, CancellationToken.None))).Message.ShouldBe("cannot write 'cpu.shares'");
    }

    private static Task AskAsync(Harbour harbour, string id, string request) => request switch
    {
        "pause" => harbour.Containers.PauseAsync(id, CancellationToken.None),
        "unpause" => harbour.Containers.UnpauseAsync(id, CancellationToken.None),
        "resize" => harbour.Containers.ResizeAsync(id, new TerminalSize(10, 10), CancellationToken.None),
        _ => harbour.Engine.Execs.StartAsync(harbour.Engine.Execs.Create(id, new ExecSpec { Command = ["true"] }), new ExecStartOptions(), CancellationToken.None),
    };
}
