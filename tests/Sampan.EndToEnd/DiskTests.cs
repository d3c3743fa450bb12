using System.Globalization;
using System.Text.Json;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>What takes room: system df, its reasons, the check, image explain. On an engine of its own, since others would change the sums.</summary>
public sealed class DiskTests
{
    [Fact]
    public async Task System_df_is_what_du_says_and_each_byte_has_a_reason()
    {
        await using var daemon = await Daemon.StartAsync();
        (await daemon.ClientAsync(Clients.Sampan, "load", "-q", "-i", Checkout.Image("busybox"))).Succeeded();
        // Big beside the engine's own records, of which df does not speak.
        (await daemon.ClientAsync(Clients.Sampan, "run", "--name", "writer", "-v", "data:/data", "busybox", "sh", "-c", "dd if=/dev/zero of=/mine bs=1M count=20; dd if=/dev/zero of=/data/its bs=1M count=10; yes x | head -c 3000000")).Succeeded();

        (await daemon.ClientWithBytesAsync(Clients.Sampan, "FROM busybox\nRUN head -c 8000000 /dev/zero | tr '\\0' x > /cached\nRUN rm /cached\n"u8.ToArray(), "build", "-q", "-t", "built", "-")).Succeeded();
        (await daemon.ClientAsync(Clients.Sampan, "rmi", "built")).Succeeded();

        // The engine keeps what it was sent for the next build; a large file that a layer takes is the layer's, and one that nobody needs is not sent.
        using var context = new Scratch();
        for (var i = 0; i < 4; i++)
            await File.WriteAllBytesAsync(Path.Combine(context.Path, $"big{i}"), new byte[3_000_000]);
        await File.WriteAllBytesAsync(Path.Combine(context.Path, "larger"), new byte[6_000_000]);
        await File.WriteAllTextAsync(Path.Combine(context.Path, "Dockerfile"), "FROM busybox\nCOPY Dockerfile /\n");
        (await daemon.ClientAsync(Clients.Sampan, "build", "-q", "-t", "sent", context.Path)).Succeeded();

        // What is made ahead for containers to come is made beside all that.
        await Eventually.HoldsAsync("all is made", () => Task.FromResult(
            Directory.GetDirectories(Path.Combine(daemon.DataRoot, "snapshots"), ".ahead-*").Count(made => new FileInfo(Path.Combine(made, "snapshot.json")) is { Exists: true, Length: 8192 }) == 8));

        var lines = JsonDocument.Parse(await daemon.Http.GetStringAsync("sampan/ledger")).RootElement.EnumerateArray().ToList();
        var usage = JsonDocument.Parse(await daemon.Http.GetStringAsync("v1.51/system/df")).RootElement;
        var du = long.Parse((await Shell.ShAsync($"du -s -B1 {daemon.DataRoot}")).Succeeded().Split('\t')[0], CultureInfo.InvariantCulture);

        lines.Sum(line => line.GetProperty("Bytes").GetInt64()).ShouldBe(du);
        lines.ShouldAllBe(line => line.GetProperty("Reason").GetString()!.Length > 0);
        lines.ShouldContain(line => line.GetProperty("Reason").GetString() == "log of container writer (exited)" && line.GetProperty("Bytes").GetInt64() >= 3_000_000);
        lines.ShouldContain(line => line.GetProperty("Reason").GetString()!.StartsWith("contexts of builds", StringComparison.Ordinal) && line.GetProperty("Bytes").GetInt64() >= 12_000_000);
        var sum = usage.GetProperty("LayersSize").GetInt64()
            + usage.GetProperty("Containers").EnumerateArray().Sum(c => c.GetProperty("SizeRw").GetInt64())
            + usage.GetProperty("BuildCache").EnumerateArray().Sum(step => step.GetProperty("Size").GetInt64())
            + usage.GetProperty("Volumes").EnumerateArray().Sum(v => v.GetProperty("UsageData").GetProperty("Size").GetInt64());
        ((double)sum).ShouldBe(du, du * 0.01);

        var why = (await daemon.ClientAsync(Clients.Sampan, "system", "df", "--why")).Succeeded();
        why.ShouldContain("files that container writer (exited) wrote");
        why.ShouldContain("Build cache limit: at most ");
        (await daemon.ClientAsync(Clients.Sampan, "system", "df", "-v")).Succeeded().ShouldContain("writer");
        if (Shell.Find(Clients.Docker) is not null)
        {
            (await daemon.ClientAsync(Clients.Docker, "system", "df", "-v")).Succeeded().ShouldContain("writer");
        }
    }

    [Fact]
    public async Task System_check_finds_what_is_damaged_and_repairs_it()
    {
        await using var daemon = await Daemon.StartAsync();
        (await daemon.ClientAsync(Clients.Sampan, "load", "-q", "-i", Checkout.Image("busybox"))).Succeeded();
        (await daemon.ClientAsync(Clients.Sampan, "system", "check")).Succeeded().ShouldEndWith("all is well");

        var file = Directory.GetFiles(Path.Combine(daemon.DataRoot, "layers"), "passwd", SearchOption.AllDirectories).First(path => path.EndsWith("/etc/passwd", StringComparison.Ordinal));
        File.Delete(file);
        (await daemon.ClientAsync(Clients.Sampan, "system", "check")).Ended(1).Saying("is missing");
        (await daemon.ClientAsync(Clients.Sampan, "system", "check", "--repair")).Succeeded().ShouldContain("unpacked again");

        (await daemon.ClientAsync(Clients.Sampan, "run", "--rm", "busybox", "sh", "-c", "echo works")).Succeeded().ShouldBe("works");
        (await daemon.ClientAsync(Clients.Sampan, "system", "check")).Succeeded().ShouldEndWith("all is well");
    }

    [Fact]
    public async Task Records_that_are_lost_are_told_of_and_repaired_whether_the_daemon_runs_or_not()
    {
        await using var daemon = await Daemon.StartAsync();
        (await daemon.ClientAsync(Clients.Sampan, "load", "-q", "-i", Checkout.Image("busybox"))).Succeeded();
        (await daemon.ClientAsync(Clients.Sampan, "create", "--name", "made", "busybox", "echo", "works")).Succeeded();
        var image = Directory.GetFiles(Path.Combine(daemon.DataRoot, "images"), "*.json").Single(path => Path.GetFileName(path) != "references.json");
        var container = Directory.GetFiles(Path.Combine(daemon.DataRoot, "containers"), "container.json", SearchOption.AllDirectories).Single(path => !path.Contains("/.ahead-", StringComparison.Ordinal));

        File.Delete(image);
        File.Delete(container);
        (await daemon.ClientAsync(Clients.Sampan, "system", "check")).Ended(1).Saying("its record is missing");
        (await daemon.ClientAsync(Clients.Sampan, "system", "check", "--repair")).Succeeded().ShouldContain("written again");
        (await daemon.ClientAsync(Clients.Sampan, "system", "check")).Succeeded().ShouldEndWith("all is well");

        File.Delete(image);
        await daemon.StopAsync();
        await daemon.StartAgainAsync();
        (await daemon.ClientAsync(Clients.Sampan, "system", "check")).Ended(1).Saying("busybox:latest");
        (await daemon.ClientAsync(Clients.Sampan, "system", "check", "--repair")).Succeeded().ShouldContain("restored from its blobs");
        (await daemon.ClientAsync(Clients.Sampan, "start", "-a", "made")).Succeeded().ShouldBe("works");
        (await daemon.ClientAsync(Clients.Sampan, "run", "--rm", "busybox", "echo", "again")).Succeeded().ShouldBe("again");
        (await daemon.ClientAsync(Clients.Sampan, "system", "check")).Succeeded().ShouldEndWith("all is well");

        await File.WriteAllTextAsync(container, "{ torn");
        await daemon.StopAsync();
        await daemon.StartAgainAsync();
        (await daemon.ClientAsync(Clients.Sampan, "system", "check")).Ended(1).Saying("remove that directory");
    }

    [Fact]
    public async Task A_check_is_told_as_JSON_too()
    {
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");

        using var document = JsonDocument.Parse((await daemon.SampanAsync("system", "check", "--format", "json")).Succeeded());

        document.RootElement.GetProperty("Findings").GetArrayLength().ShouldBe(0);
        document.RootElement.GetProperty("Blobs").GetInt32().ShouldBeGreaterThan(0);
        (await daemon.SampanAsync("system", "check", "--format", "xml")).Failed().Saying("only 'json' is known");
    }

    [Fact]
    public async Task Image_explain_tells_what_each_layer_added_and_wasted()
    {
        await using var daemon = await Daemon.StartAsync();
        (await daemon.ClientAsync(Clients.Sampan, "load", "-q", "-i", Checkout.Image("busybox"))).Succeeded();
        (await daemon.ClientAsync(Clients.Sampan, "run", "--name", "one", "busybox", "sh", "-c", "dd if=/dev/zero of=/big bs=1M count=3")).Succeeded();
        (await daemon.ClientAsync(Clients.Sampan, "commit", "one", "two:1")).Succeeded();
        (await daemon.ClientAsync(Clients.Sampan, "run", "--name", "two", "two:1", "rm", "/big")).Succeeded();
        (await daemon.ClientAsync(Clients.Sampan, "commit", "two", "three:1")).Succeeded();

        var text = (await daemon.ClientAsync(Clients.Sampan, "image", "explain", "three:1")).Succeeded();

        text.ShouldContain("/big");
        text.ShouldContain("3.146MB of it wasted");
        (await daemon.ClientAsync(Clients.Sampan, "image", "explain", "absent")).Ended(1).Saying("No such image");
    }
}
