using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Runtime;

/// <summary>What the runtime takes for itself: of the container's memory while it makes one, of the host's while one runs.</summary>
public sealed class MemoryTests
{
    private const int FourMegabytes = 4 * 1024 * 1024;
    private const int SupervisorMaxKilobytes = 1536;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void A_container_of_four_megabytes_is_made_started_and_entered()
    {
        using var bundle = new OciBundle();
        bundle.Write(Limited(bundle.Spec("sleep 1000")));
        Succeeds("create", "--bundle", bundle.Location, bundle.Id);
        try
        {
            Succeeds("start", bundle.Id);
            Succeeds("exec", bundle.Id, "echo", "in four megabytes").ShouldBe("in four megabytes");
        }
        finally
        {
            Succeeds("delete", "--force", bundle.Id);
        }

        string Succeeds(params string[] args)
        {
            var (code, output, error) = bundle.Call(args);
            code.ShouldBe(0, $"{args[0]}: {error}");
            return output;
        }
    }

    [Fact]
    public async Task A_container_of_four_megabytes_runs_under_a_supervisor()
    {
        await using var container = new TestContainer(Limited, "echo", "small");
        var (exit, output) = await container.RunAsync();
        exit.ExitCode.ShouldBe(0);
        exit.OomKilled.ShouldBeFalse();
        output.ShouldBe("small\n");
    }

    [Fact]
    public async Task A_supervisor_of_a_sleeping_container_keeps_little_for_itself()
    {
        await using var container = new TestContainer(null, "sleep", "1000");
        var client = await container.CreateAsync();
        await client.StartAsync(Ct);
        // It gives the memory of the launch back when nothing has happened for a while.
        var kilobytes = Anonymous(client.SupervisorPid);
        for (var i = 0; i < 300 && kilobytes > SupervisorMaxKilobytes; i++)
        {
            await Task.Delay(100, Ct);
            kilobytes = Anonymous(client.SupervisorPid);
        }
        kilobytes.ShouldBeInRange(1, SupervisorMaxKilobytes);
    }

    /// <summary>What clones has one thread, so that the clone is whole: not even that of finalizers is there.</summary>
    [Fact]
    public async Task A_supervisor_is_one_thread()
    {
        await using var container = new TestContainer(null, "sleep", "1000");
        var client = await container.CreateAsync();
        await client.StartAsync(Ct);
        Directory.GetDirectories($"/proc/{client.SupervisorPid}/task").Length.ShouldBe(1);
    }

    private static RuntimeSpec Limited(RuntimeSpec spec) =>
        spec with { Linux = spec.Linux! with { Resources = spec.Linux.Resources! with { Memory = new MemoryLimits { Limit = FourMegabytes, Swap = FourMegabytes } } } };

    /// <summary>Kilobytes that no other process shares: the program's own pages are one copy for all supervisors of a daemon.</summary>
    private static int Anonymous(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/smaps_rollup").First(one => one.StartsWith("Anonymous:", StringComparison.Ordinal));
        return int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
