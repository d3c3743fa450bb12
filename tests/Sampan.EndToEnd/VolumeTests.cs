using System.Text.Json;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

public sealed class VolumeTests(SharedEngine engine) : EngineTest(engine)
{
    [Theory, MemberData(nameof(Both))]
    public async Task A_named_volume_outlives_its_containers(string client)
    {
        var volume = NewName("vol");
        (await RunAsync(client, "volume", "create", volume)).Succeeded().ShouldBe(volume);

        await BusyboxAsync(client, "echo kept >/data/file", "-v", $"{volume}:/data");
        (await BusyboxAsync(client, "cat /data/file", "-v", $"{volume}:/data")).ShouldBe("kept");

        var mountpoint = (await RunAsync(client, "volume", "inspect", "-f", "{{.Mountpoint}}", volume)).Succeeded();
        (await File.ReadAllTextAsync(Path.Combine(mountpoint, "file"))).ShouldBe("kept\n");
        (await RunAsync(client, "volume", "ls", "-q")).Lines.ShouldContain(volume);
        (await RunAsync(client, "volume", "rm", volume)).Succeeded().ShouldBe(volume);
        (await RunAsync(client, "volume", "inspect", volume)).Ended(1).Saying("no such volume");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_new_volume_takes_over_the_images_content(string client)
    {
        var volume = NewName("copied");
        (await BusyboxAsync(client, "cat /data/passwd | head -1; stat -c %a /data", "-v", $"{volume}:/data")).ShouldBe("755", "an empty place stays empty: the first line is missing");
        var filled = NewName("filled");

        (await BusyboxAsync(client, "head -1 /etc/passwd", "-v", $"{filled}:/etc")).ShouldBe("root:x:0:0:root:/root:/bin/sh");

        (await RunAsync(client, "volume", "rm", volume, filled)).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_bind_mount_is_the_hosts_directory_and_hides_the_images(string client)
    {
        using var directory = new Scratch();
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "from-host"), "hello\n");

        (await BusyboxAsync(client, "ls /bin2 /etc/shadow 2>/dev/null; cat /etc/from-host; echo back >/etc/from-container", "-v", $"{directory.Path}:/etc")).ShouldBe("hello");
        (await File.ReadAllTextAsync(Path.Combine(directory.Path, "from-container"))).ShouldBe("back\n");

        var readOnly = await RunAsync(client, "run", "--rm", "-v", $"{directory.Path}:/mnt:ro", "busybox", "touch", "/mnt/x");
        readOnly.Failed().Saying("Read-only file system");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_bind_mounts_missing_source_is_made_by_v_and_refused_by_mount(string client)
    {
        using var directory = new Scratch();
        var made = Path.Combine(directory.Path, "made");

        await BusyboxAsync(client, "true", "-v", $"{made}:/mnt");
        Directory.Exists(made).ShouldBeTrue();

        (await RunAsync(client, "run", "--rm", "--mount", $"type=bind,source={directory.Path}/absent,target=/mnt", "busybox", "true"))
            .Ended(125).Saying("bind source path does not exist");
        Directory.Exists(Path.Combine(directory.Path, "absent")).ShouldBeFalse();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_tmpfs_is_empty_sized_and_gone_afterwards(string client)
    {
        (await BusyboxAsync(client, "mount | grep ' /scratch '; ls -A /scratch | wc -l; stat -c %a /scratch", "--tmpfs", "/scratch:size=4m,mode=1770"))
            .Split('\n')[0].ShouldContain("size=4096k");
        (await RunAsync(client, "run", "--rm", "--tmpfs", "/scratch:size=1m", "busybox", "sh", "-c", "dd if=/dev/zero of=/scratch/x bs=1k count=2000")).Failed().Saying("No space left");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task An_anonymous_volume_goes_with_rm_v_and_with_run_rm(string client)
    {
        var before = (await RunAsync(client, "volume", "ls", "-q")).Lines;
        var name = NewName("anonymous");
        await SleeperAsync(client, name, "-v", "/data");
        (await RunAsync(client, "volume", "ls", "-q")).Lines.Length.ShouldBe(before.Length + 1);
        (await InspectAsync(client, name, "{{(index .Mounts 0).Type}} {{(index .Mounts 0).Destination}}")).ShouldBe("volume /data");

        (await RunAsync(client, "rm", "-f", "-v", name)).Succeeded();
        await BusyboxAsync(client, "true", "-v", "/data");

        (await RunAsync(client, "volume", "ls", "-q")).Lines.ShouldBe(before);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_volume_in_use_is_not_removed(string client)
    {
        var volume = NewName("used");
        await SleeperAsync(client, NewName("holder"), "-v", $"{volume}:/data");

        (await RunAsync(client, "volume", "rm", volume)).Ended(1).Saying("volume is in use");

        await Daemon.RemoveAllContainersAsync();
        (await RunAsync(client, "volume", "rm", volume)).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Inspect_lists_the_mounts(string client)
    {
        using var directory = new Scratch();
        var name = NewName("mounted");
        (await RunAsync(client, "create", "--name", name, "-v", $"{directory.Path}:/mnt:ro", "busybox")).Succeeded();

        using var mounts = JsonDocument.Parse(await InspectAsync(client, name, "{{json .Mounts}}"));

        var mount = mounts.RootElement[0];
        mount.GetProperty("Type").GetString().ShouldBe("bind");
        mount.GetProperty("Source").GetString().ShouldBe(directory.Path);
        mount.GetProperty("Destination").GetString().ShouldBe("/mnt");
        mount.GetProperty("RW").GetBoolean().ShouldBeFalse();
    }
}
