using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Everything counted before and after: mounts, namespaces, cgroups, links, nftables elements, processes, directories, descriptors.</summary>
public sealed class LeakTests
{
    [Fact]
    public async Task Two_hundred_sequential_and_a_hundred_parallel_runs_leave_nothing()
    {
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        // Warmed up: what is opened once and kept is open now.
        (await daemon.SampanAsync("run", "--rm", "-p", "80", "-v", "/data", "busybox", "true")).Succeeded();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RunAsync(daemon)));
        var before = await Census.TakeAsync(daemon);

        for (var i = 0; i < 200; i++)
        {
            await RunAsync(daemon);
        }

        await Census.ReturnsToAsync(daemon, before);

        await Parallel.ForEachAsync(Enumerable.Range(0, 100), new ParallelOptions { MaxDegreeOfParallelism = 20 }, async (_, _) => await RunAsync(daemon));

        await Census.ReturnsToAsync(daemon, before);
    }

    [Fact]
    public async Task Fifty_containers_at_once_removed_by_force_leave_nothing()
    {
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        (await daemon.SampanAsync("run", "--rm", "busybox", "true")).Succeeded();
        var before = await Census.TakeAsync(daemon);

        var ids = new System.Collections.Concurrent.ConcurrentBag<string>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 50), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) =>
            ids.Add((await daemon.SampanAsync("run", "-d", "-p", "80", "busybox", "sleep", "3600")).Succeeded()));
        ids.Distinct(StringComparer.Ordinal).Count().ShouldBe(50);
        (await daemon.SampanAsync("ps", "-q")).Lines.Length.ShouldBe(50);
        (await daemon.SampanAsync(["rm", "-f", .. ids])).Succeeded();

        await Census.ReturnsToAsync(daemon, before);
    }

    [Fact]
    public async Task Exec_and_attach_and_logs_leave_nothing()
    {
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        (await daemon.SampanAsync("run", "-d", "--name", "busy", "busybox", "sleep", "3600")).Succeeded();
        (await daemon.SampanAsync("exec", "busy", "true")).Succeeded();
        var before = await Census.TakeAsync(daemon);
        var supervisors = DescriptorsOfSupervisors(daemon);

        for (var i = 0; i < 50; i++)
        {
            (await daemon.SampanAsync("exec", "busy", "true")).Succeeded();
            (await daemon.SampanAsync("logs", "busy")).Succeeded();
        }

        await Census.ReturnsToAsync(daemon, before);
        DescriptorsOfSupervisors(daemon).ShouldBeLessThanOrEqualTo(supervisors + 2, "descriptors of the supervisor left");
    }

    [Theory]
    [InlineData("no-such-command")]
    [InlineData("/etc/passwd")]
    public async Task Failed_starts_leave_nothing(string command)
    {
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        (await daemon.SampanAsync("run", "--rm", "busybox", command)).Failed();
        var before = await Census.TakeAsync(daemon);

        for (var i = 0; i < 20; i++)
        {
            (await daemon.SampanAsync("run", "--rm", "-p", "80", "busybox", command)).Failed();
        }

        await Census.ReturnsToAsync(daemon, before);
        (await daemon.SampanAsync("ps", "-aq")).Text.ShouldBeEmpty();
    }

    private static async Task RunAsync(Daemon daemon)
        => (await daemon.SampanAsync("run", "--rm", "-p", "80", "-v", "/data", "busybox", "echo", "ran")).Succeeded().ShouldBe("ran");

    private static int DescriptorsOfSupervisors(Daemon daemon)
        => Leftovers.ProcessesOf(daemon.ExecRoot).Where(pid => pid != daemon.Pid).Sum(pid => Directory.GetFileSystemEntries($"/proc/{pid}/fd").Length);
}
