using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>The disk of the data root takes its time: only those wait who need it.</summary>
public sealed class SlowDiskTests
{
    // More than most machines have processors, and .NET threads at the beginning.
    private const int Waiting = 12;

    [Fact]
    public async Task While_creates_wait_for_the_disk_who_only_looks_is_answered()
    {
        if (Environment.UserName != "root")
        {
            Assert.Skip("containers need root");
        }

        await using var daemon = await Daemon.StartAsync();
        await daemon.StopAsync();
        await using var disk = await BreakableDisk.MountAsync(daemon.DataRoot);
        await daemon.StartAgainAsync();
        await daemon.LoadAsync("busybox");
        (await daemon.SampanAsync("run", "-d", "--name", "served", "busybox", "sleep", "3600")).Succeeded();

        await disk.StandStillAsync();
        Task<Outcome>[] creates = [];
        try
        {
            creates = [.. Enumerable.Range(0, Waiting).Select(n => daemon.SampanAsync("create", "--name", $"made{n}", "busybox", "true"))];
            foreach (var command in new[] { "ps -a", "images", "inspect served", "top served", "stats --no-stream served", "version", "info" })
            {
                (await daemon.SampanAsync(command.Split(' ')).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken)).Succeeded(command);
            }

            creates.ShouldAllBe(create => !create.IsCompleted, "what cannot be written is not acknowledged");
        }
        finally
        {
            await disk.GoOnAsync();
            await Task.WhenAll(creates);
        }

        foreach (var create in creates)
        {
            (await create).Succeeded();
        }

        (await daemon.SampanAsync("ps", "-aq")).Lines.Length.ShouldBe(Waiting + 1);
        (await daemon.SampanAsync("rm", "-f", "served")).Succeeded();
    }
}
