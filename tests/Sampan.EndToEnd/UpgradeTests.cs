using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Another program takes the daemon's place while containers run.</summary>
public sealed class UpgradeTests
{
    [Fact]
    public async Task An_upgrade_under_load_fails_no_request()
    {
        using var versions = new Scratch();
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        await daemon.StopAsync();
        daemon.Executable = await InstallAsync(versions, "old");
        await daemon.StartAgainAsync();
        await using var visitor = await Visitor.StartAsync(daemon, atOnce: 4);
        var init = (await daemon.SampanAsync("inspect", "-f", "{{.State.Pid}}", "served")).Succeeded();

        foreach (var version in new[] { "new", "newer" })
        {
            var next = await InstallAsync(versions, version);
            (await daemon.StopAsync()).ShouldBe(0);
            await visitor.WasServedThroughoutAsync("the time without a daemon");
            Directory.Delete(Path.GetDirectoryName(daemon.Executable)!, recursive: true);
            daemon.Executable = next;
            await daemon.StartAgainAsync();
            await visitor.WasServedThroughoutAsync($"the upgrade to the {version} one");

            // The supervisor is the old one, its program is gone from the disk, and it serves the new daemon.
            (await daemon.SampanAsync("inspect", "-f", "{{.State.Pid}}", "served")).Succeeded().ShouldBe(init);
            (await daemon.SampanAsync("exec", "served", "cat", "/w/index.html")).Succeeded().ShouldBe("page");
            (await daemon.SampanAsync("run", "--rm", "busybox", "echo", version)).Succeeded().ShouldBe(version);
        }

        await visitor.WasServedThroughoutAsync("all of it");
        (await daemon.SampanAsync("stop", "-t", "0", "served")).Succeeded();
        (await daemon.SampanAsync("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "served")).Succeeded().ShouldBe("exited 137");
    }

    // Copies, so that an upgrade may remove the files of the one before.
    private static async Task<string> InstallAsync(Scratch versions, string version)
    {
        var directory = Directory.CreateDirectory(Path.Combine(versions.Path, version)).FullName;
        foreach (var name in new[] { "sampand", "sampan-runtime" })
        {
            (await Shell.RunAsync("cp", [Checkout.Executable(name), Path.Combine(directory, name)])).Succeeded();
        }

        return Path.Combine(directory, "sampand");
    }
}
