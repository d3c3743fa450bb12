using System.Text;
using Sampan.Engine.Containers;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Streams;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Execs;
using Sampan.Engine.Logs;

namespace Sampan.Engine.Tests.Kernel;

/// <summary>The engine with real supervisors, namespaces, cgroups and network: needs root, the built runtime and Debian's busybox.</summary>
public sealed class RealContainerTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private RealHarbour? _harbour;

    private RealHarbour Harbour => _harbour ?? throw new InvalidOperationException("skipped");

    public async ValueTask InitializeAsync()
    {
        if (RealHarbour.Missing() is { } reason)
            Assert.Skip(reason);
        _harbour = await RealHarbour.OpenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_harbour is not null)
            await _harbour.DisposeAsync();
    }

    [Fact]
    public async Task Program_runs_and_its_output_exit_code_and_log_are_there()
    {
        var (status, output) = await Harbour.RunAsync("echo out; echo err >&2; hostname; exit 7");
        status.ExitCode.ShouldBe(7);
        output.ShouldContain("out\n");
        var lines = await Harbour.LogAsync(Harbour.Last);
        lines.ShouldContain("out\n");
        lines.ShouldContain("err\n");
        lines.ShouldContain(Harbour.Last[..12] + "\n");
    }

    [Fact]
    public async Task Container_sees_only_itself()
    {
        var (_, output) = await Harbour.RunAsync("echo pid $$; cat /proc/1/comm; ls /sys/class/net | tr '\\n' ' '; id -u; cat /etc/hosts | tail -1");
        output.ShouldContain("pid 1");
        output.ShouldContain("eth0 lo");
        output.ShouldContain(Harbour.Last[..12]);
    }

    [Fact]
    public async Task Missing_program_fails_the_start_with_127_and_leaves_nothing()
    {
        var id = await Harbour.CreateAsync(new ContainerSpec { Image = "busybox", Command = ["nope"] });
        var failure = await Should.ThrowAsync<EngineException>(() => Harbour.Containers.StartAsync(id, None));
        failure.Message.ShouldContain("executable file not found in $PATH");
        Harbour.Containers.Get(id).State.ShouldBeOfType<ContainerState.Created>().Failure!.ExitCode.ShouldBe(127);
        Directory.EnumerateFileSystemEntries(Path.Combine(Harbour.Root, "run", "containers")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Stop_asks_and_then_kills()
    {
        var id = await Harbour.StartAsync("trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done");
        await Harbour.LogHasAsync(id, "ready");
        (await Harbour.Containers.StopAsync(id, 20, null, None)).ShouldBe(StopOutcome.Stopped);
        Harbour.Containers.Get(id).LastExit!.ExitCode.ShouldBe(5);
        var deaf = await Harbour.StartAsync("trap '' TERM; echo ready; while :; do sleep 0.05; done");
        await Harbour.LogHasAsync(deaf, "ready");
        await Harbour.Containers.StopAsync(deaf, 0, null, None);
        Harbour.Containers.Get(deaf).LastExit!.ExitCode.ShouldBe(137);
    }

    [Fact]
    public async Task Exec_runs_beside_the_program()
    {
        var id = await Harbour.StartAsync("sleep 1000");
        var exec = Harbour.Engine.Execs.Create(id, new ExecSpec { Command = ["sh", "-c", "echo in; cat; exit 3"], AttachStdin = true, AttachStdout = true, AttachStderr = true });
        await using var stream = await Harbour.Engine.Execs.StartAsync(exec, new ExecStartOptions(), None);
        var output = new MemoryStream();
        (await stream!.PumpAsync(new MemoryStream("typed\n"u8.ToArray()), output, None)).ShouldBe(AttachEnd.Finished);
        Encoding.UTF8.GetString(output.ToArray()).ShouldContain("typed");
        while (Harbour.Engine.Execs.Get(exec).ExitCode is null)
            await Task.Delay(10);
        Harbour.Engine.Execs.Get(exec).ExitCode.ShouldBe(3);
        Harbour.Containers.Top(id, "-o pid,args").Processes.ShouldContain(p => p[1].Contains("sleep 1000"));
        await Harbour.Containers.RemoveAsync(id, new RemoveOptions { Force = true }, None);
    }

    [Fact]
    public async Task Pause_freezes_and_update_limits()
    {
        var id = await Harbour.StartAsync("while :; do echo tick; sleep 0.02; done");
        await Harbour.LogHasAsync(id, "tick");
        await Harbour.Containers.PauseAsync(id, None);
        // A line that was on its way when the container froze may still arrive; after that none does.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        int before, after;
        do
        {
            before = (await Harbour.LogAsync(id)).Count;
            await Task.Delay(200, None);
            after = (await Harbour.LogAsync(id)).Count;
        }
        while (after != before && !patience.IsCancellationRequested);
        after.ShouldBe(before);
        await Harbour.Containers.UnpauseAsync(id, None);
        await Harbour.Containers.UpdateAsync(id, new UpdateRequest { Resources = new ResourceLimits { Memory = 64 << 20 } }, None);
        await foreach (var stats in Harbour.Containers.StatsAsync(id, interval: null, None))
        {
            stats.MemoryLimit.ShouldBe(64ul << 20);
            stats.Pids.ShouldBeGreaterThan(0ul);
        }

        await Harbour.Containers.PauseAsync(id, None);
        await Harbour.Containers.RemoveAsync(id, new RemoveOptions { Force = true }, None);
    }

    [Fact]
    public async Task Statistics_are_of_the_group_that_a_container_was_started_in_whatever_the_daemon_is_told_later()
    {
        var id = await Harbour.StartAsync("sleep 1000");
        await Harbour.CrashAsync();
        Harbour.CgroupParent = Harbour.CgroupRoot + "/other";
        await Harbour.ReopenAsync();
        await foreach (var stats in Harbour.Containers.StatsAsync(id, interval: null, None))
        {
            stats.Pids.ShouldBe(1ul);
            stats.Memory.ShouldBeGreaterThan(0ul);
        }

        await Harbour.Containers.RemoveAsync(id, new RemoveOptions { Force = true }, None);
    }

    [Fact]
    public async Task Memory_limit_kills_and_says_so()
    {
        var id = await Harbour.CreateAsync(new ContainerSpec { Image = "busybox", Command = ["sh", "-c", "dd if=/dev/zero of=/dev/shm/x bs=1M count=40"], Resources = new ResourceLimits { Memory = 16 << 20, MemorySwap = 16 << 20 } });
        var exit = Harbour.Containers.WaitAsync(id, WaitCondition.NextExit, None);
        await Harbour.Containers.StartAsync(id, None);
        (await exit).OomKilled.ShouldBeTrue();
    }

    [Fact]
    public async Task Daemon_that_dies_and_comes_back_finds_everything()
    {
        const string UntilTold = "while ! test -e /go; do sleep 0.02; done";
        var running = await Harbour.StartAsync($"echo before; {UntilTold}; echo after; touch /said; sleep 1000");
        var ending = await Harbour.StartAsync($"{UntilTold}; echo last; exit 9");
        var (runs, ends) = (RootOf(running), RootOf(ending));
        await Harbour.CrashAsync();
        File.WriteAllText(runs + "/go", "");
        File.WriteAllText(ends + "/go", "");
        await UntilAsync(() => File.Exists(runs + "/said") && !Directory.Exists(ends));
        await Harbour.ReopenAsync();
        Harbour.Containers.Get(running).IsRunning.ShouldBeTrue();
        await Harbour.Containers.WaitAsync(ending, WaitCondition.NotRunning, None);
        Harbour.Containers.Get(ending).State.ShouldBeOfType<ContainerState.Exited>().Status.ExitCode.ShouldBe(9);
        (await Harbour.LogAsync(ending)).ShouldBe(["last\n"]);
        await Harbour.LogHasAsync(running, "after");
        (await Harbour.LogAsync(running)).ShouldBe(["before\n", "after\n"]);
        await Harbour.Containers.KillAsync(running, null, None);
        Harbour.Containers.Get(running).LastExit!.ExitCode.ShouldBe(137);

        string RootOf(string id) => $"/proc/{Harbour.Containers.Get(id).State.ShouldBeOfType<ContainerState.Running>().Pid}/root";
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!condition())
            await Task.Delay(20, patience.Token);
    }

    [Fact]
    public async Task Log_is_followed_to_the_end()
    {
        var id = await Harbour.StartAsync("for i in 1 2 3 4 5; do echo $i; sleep 0.05; done");
        var lines = new List<string>();
        await foreach (var entry in Harbour.Containers.LogsAsync(id, new LogOptions { Follow = true }, None))
            lines.Add(Encoding.UTF8.GetString(entry.Text.Span).Trim());
        lines.ShouldBe(["1", "2", "3", "4", "5"]);
    }

    [Fact]
    public async Task Attachment_before_the_start_loses_nothing()
    {
        for (var round = 0; round < 10; round++)
        {
            var (status, output) = await Harbour.RunAsync("echo first; echo second");
            status.ExitCode.ShouldBe(0);
            output.ShouldContain("first\n");
            output.ShouldContain("second\n");
        }
    }

    [Fact]
    public async Task Thirty_side_by_side_leave_nothing_behind()
    {
        await Task.WhenAll(Enumerable.Range(0, 30).Select(i => Task.Run(async () =>
        {
            var id = await Harbour.CreateAsync(new ContainerSpec { Image = "busybox", Command = ["sh", "-c", $"exit {i}"], AutoRemove = true });
            var gone = Harbour.Containers.WaitAsync(id, WaitCondition.Removed, None);
            await Harbour.Containers.StartAsync(id, None);
            (await gone).ExitCode.ShouldBe(i);
        })));
        Harbour.Containers.List().ShouldBeEmpty();
        Harbour.Notices.ShouldBeEmpty();
        // Gone by name; what was in them goes on a task of the engine's own.
        await UntilAsync(() => !Directory.EnumerateFileSystemEntries(Path.Combine(Harbour.Root, "run", "containers")).Any());
        Directory.EnumerateFileSystemEntries(Path.Combine(Harbour.Root, "run", "netns")).Where(f => !Path.GetFileName(f).StartsWith(".", StringComparison.Ordinal)).ShouldBeEmpty();
        Directory.Exists($"/sys/fs/cgroup/pids{Harbour.CgroupRoot}").ShouldBe(true, "the parent stays while the engine lives");
        Directory.EnumerateDirectories($"/sys/fs/cgroup/pids{Harbour.CgroupRoot}").ShouldBeEmpty();
    }
}
