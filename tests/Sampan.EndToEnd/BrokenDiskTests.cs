using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>The disk of the data root fails: every answer says so and what to do, containers run on, and a daemon that is started on the mended disk has lost nothing.</summary>
public sealed class BrokenDiskTests
{
    [Fact]
    public async Task On_a_disk_that_fails_requests_say_so_and_the_next_daemon_on_the_mended_one_has_everything()
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
        // What is served is not on the disk.
        (await daemon.SampanAsync("run", "-d", "--name", "served", "--tmpfs", "/w", "-p", "80", "busybox", "sh", "-c", "echo page >/w/index.html; exec httpd -f -p 80 -h /w")).Succeeded();
        var door = (await daemon.SampanAsync("port", "served", "80/tcp")).Lines[0];
        await Eventually.HoldsAsync("the page is served", async () => (await Shell.RunAsync("curl", ["-sf", "--max-time", "30", $"http://{door}/"])).Text == "page");
        await using var visitor = new Visitor(System.Net.IPEndPoint.Parse(door.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal)));
        (await daemon.SampanAsync("run", "-d", "--name", "runs", "busybox", "sleep", "3600")).Succeeded();
        (await daemon.SampanAsync("create", "--name", "made", "busybox", "echo", "made")).Succeeded();
        (await daemon.SampanAsync("run", "--name", "over", "busybox", "echo", "said")).Succeeded();
        (await daemon.SampanAsync("volume", "create", "kept")).Succeeded();

        disk.Break();

        foreach (var command in new[]
        {
            "create --name new busybox true", "volume create new", "network create new", "tag busybox new:1", $"load -i {Checkout.Image("busybox")}", "commit over new:1", "rename over other",
            "start made", "logs over", "cp over:/etc/hostname -", "rm over", "volume rm kept",
        })
        {
            (await daemon.SampanAsync(command.Split(' '))).Failed().Saying("input/output error").Saying("mend it, mount it anew");
        }

        foreach (var command in new[] { "ps -a", "images", "inspect over", "top served", "stats --no-stream served", "stop -t 0 runs", "version", "info" })
        {
            (await daemon.SampanAsync(command.Split(' '))).Succeeded(command);
        }

        await visitor.WasServedThroughoutAsync("a disk that fails");
        daemon.IsRunning.ShouldBeTrue(daemon.Log);
        daemon.Log.Split('\n').Where(line => line.TrimStart().StartsWith("at ", StringComparison.Ordinal)).ShouldBeEmpty("a refusal is one line");

        (await daemon.StopAsync()).ShouldBe(0);
        await disk.MendAsync();
        await daemon.StartAgainAsync();
        (await daemon.SampanAsync("ps", "-a", "--format", "{{.Names}} {{.State}}")).Lines.Order(StringComparer.Ordinal).ShouldBe(["made created", "over exited", "runs exited", "served running"]);
        (await daemon.SampanAsync("volume", "ls", "-q")).Succeeded().ShouldBe("kept");
        (await daemon.SampanAsync("logs", "over")).Succeeded().ShouldBe("said");
        (await daemon.SampanAsync("start", "-a", "made")).Succeeded().ShouldBe("made");
        (await daemon.SampanAsync("system", "check")).Succeeded();
        await visitor.WasServedThroughoutAsync("all of it");
        (await daemon.SampanAsync("rm", "-f", "served")).Succeeded("its files were on the disk that is no more");
    }
}
