using Sampan.EndToEnd.Harness;
using Sampan.TestPlugin;

namespace Sampan.EndToEnd;

/// <summary>Options of the local driver, and volumes of a plugin that listens on a socket of its own.</summary>
public sealed class VolumeDriverTests(SharedEngine engine) : EngineTest(engine)
{
    [Theory, MemberData(nameof(Both))]
    public async Task A_volume_may_be_memory_mounted_while_it_is_used(string client)
    {
        var volume = NewName("memory");
        var (one, two) = (NewName("one"), NewName("two"));
        (await RunAsync(client, "volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "-o", "o=size=2m,uid=33,nosuid", volume)).Succeeded();
        (await RunAsync(client, "volume", "inspect", "-f", "{{index .Options \"o\"}}", volume)).Succeeded().ShouldBe("size=2m,uid=33,nosuid");

        await SleeperAsync(client, one, "-v", $"{volume}:/m");
        await SleeperAsync(client, two, "-v", $"{volume}:/m");
        (await RunAsync(client, "exec", one, "sh", "-c", "echo shared >/m/file; stat -c %u /m; mount | grep ' /m '")).Succeeded().ShouldSatisfyAllConditions(
            text => text.ShouldStartWith("33\n"), text => text.ShouldContain("size=2048k"), text => text.ShouldContain("nosuid"));
        (await RunAsync(client, "rm", "-f", one)).Succeeded();
        (await RunAsync(client, "exec", two, "cat", "/m/file")).Succeeded().ShouldBe("shared");
        (await RunAsync(client, "volume", "rm", volume)).Ended(1).Saying("volume is in use");
        (await RunAsync(client, "rm", "-f", two)).Succeeded();

        Mounted(volume).ShouldBeFalse();
        (await BusyboxAsync(client, "ls /m", "-v", $"{volume}:/m")).ShouldBe("");
        (await RunAsync(client, "volume", "rm", volume)).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_volume_may_be_a_directory_of_the_host(string client)
    {
        using var directory = new Scratch();
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "host"), "mine\n");
        var volume = NewName("bound");
        (await RunAsync(client, "volume", "create", "-o", "type=none", "-o", $"device={directory.Path}", "-o", "o=bind", volume)).Succeeded();

        (await BusyboxAsync(client, "cat /m/host; echo back >/m/container", "-v", $"{volume}:/m")).ShouldBe("mine");
        (await File.ReadAllTextAsync(Path.Combine(directory.Path, "container"))).ShouldBe("back\n");

        // Files of a container that does not run are those of the volume.
        var stopped = NewName("stopped");
        (await RunAsync(client, "create", "--name", stopped, "-v", $"{volume}:/m", "busybox")).Succeeded();
        (await RunAsync(client, "cp", $"{stopped}:/m/host", Path.Combine(directory.Path, "copied"))).Succeeded();
        (await File.ReadAllTextAsync(Path.Combine(directory.Path, "copied"))).ShouldBe("mine\n");
        (await RunAsync(client, "rm", stopped)).Succeeded();

        Mounted(volume).ShouldBeFalse();
        (await RunAsync(client, "volume", "rm", volume)).Succeeded();
        File.Exists(Path.Combine(directory.Path, "host")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_volume_may_be_a_file_with_a_file_system()
    {
        using var directory = new Scratch();
        var image = Path.Combine(directory.Path, "disk");
        (await Shell.ShAsync($"truncate -s 16M '{image}' && mkfs.ext4 -q '{image}'")).Succeeded();
        var volume = NewName("looped");
        (await Daemon.SampanAsync("volume", "create", "-o", "type=ext4", "-o", $"device={image}", volume)).Succeeded();

        await BusyboxAsync(Clients.Sampan, "echo kept >/m/file", "-v", $"{volume}:/m");
        (await BusyboxAsync(Clients.Sampan, "cat /m/file; mount | grep -o ' /m type ext4'", "-v", $"{volume}:/m")).ShouldBe("kept\n /m type ext4");

        Mounted(volume).ShouldBeFalse();
        await Eventually.HoldsAsync("the loop device is gone", async () => (await Shell.ShAsync($"grep -l '{image}' /sys/block/loop*/loop/backing_file 2>/dev/null")).Text.Length == 0);
        (await Daemon.SampanAsync("volume", "rm", volume)).Succeeded();
    }

    [Fact]
    public async Task A_volume_that_cannot_be_mounted_says_why_and_leaves_nothing()
    {
        var (nfs, absent) = (NewName("nfs"), NewName("absent"));
        (await Daemon.SampanAsync("volume", "create", "-o", "type=nofilesystem", "-o", "device=:/export", "-o", "o=addr=127.0.0.1,rw", nfs)).Succeeded();
        (await Daemon.SampanAsync("volume", "create", "-o", "type=none", "-o", "device=/no/such/place", "-o", "o=bind", absent)).Succeeded();
        var name = NewName("refused");

        (await Daemon.SampanAsync("run", "--name", name, "-v", $"{nfs}:/m", "busybox", "true")).Failed().Saying("this kernel has no file system 'nofilesystem'");
        (await Daemon.SampanAsync("run", "--name", name, "-v", $"{absent}:/m", "busybox", "true")).Failed().Saying("'/no/such/place' is not on this host");

        (await Daemon.SampanAsync("inspect", name)).Failed();
        Mounted(absent).ShouldBeFalse();
        (await Daemon.SampanAsync("volume", "create", "-o", "type=tmpfs", NewName("wrong"))).Ended(1).Saying("missing required option: \"device\"");
        (await Daemon.SampanAsync("volume", "create", "-o", "colour=red", NewName("wrong"))).Ended(1).Saying("invalid option: \"colour\"");
        (await Daemon.SampanAsync("volume", "rm", nfs, absent)).Succeeded();
    }

    [Fact]
    public async Task A_new_volume_belongs_to_whom_it_was_made_for()
    {
        var volume = NewName("owned");
        (await Daemon.SampanAsync("volume", "create", "--uid", "33", "--gid", "33", "--mode", "0750", volume)).Succeeded();

        (await BusyboxAsync(Clients.Sampan, "touch /data/mine && stat -c '%u:%g %a' /data", "-u", "33:33", "-v", $"{volume}:/data")).ShouldBe("33:33 750");
        // Filled from the image, it is still theirs.
        var filled = NewName("owned");
        (await Daemon.SampanAsync("volume", "create", "--opt", "uid=33", filled)).Succeeded();
        (await BusyboxAsync(Clients.Sampan, "stat -c %u /etc; stat -c %u /etc/passwd", "-v", $"{filled}:/etc")).ShouldBe("33\n0");
        (await Daemon.SampanAsync("volume", "rm", volume, filled)).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_volume_of_a_plugin_is_not_on_this_machine(string client)
    {
        using var directory = new Scratch();
        var driver = NewName("far");
        await using var plugin = new VolumePluginServer(Path.Combine(Daemon.ExecRoot, "plugins", driver + ".sock"), Path.Combine(directory.Path, "far"));
        var volume = NewName("remote");
        (await RunAsync(client, "volume", "create", "-d", driver, "-o", "tier=fast", volume)).Succeeded().ShouldBe(volume);
        (await RunAsync(client, "volume", "ls", "--filter", $"driver={driver}", "--format", "{{.Name}} {{.Driver}} {{.Scope}}")).Succeeded().ShouldBe($"{volume} {driver} global");

        // Copied up, kept, mounted for each container and unmounted.
        (await BusyboxAsync(client, "head -1 /etc/passwd; echo kept >/etc/kept", "-v", $"{volume}:/etc")).ShouldBe("root:x:0:0:root:/root:/bin/sh");
        (await File.ReadAllTextAsync(Path.Combine(plugin.Root, volume, "kept"))).ShouldBe("kept\n");
        plugin.Volumes[volume].ShouldBeEmpty();
        var name = NewName("user");
        var id = await SleeperAsync(client, name, "--mount", $"type=volume,src={volume},dst=/data");
        plugin.Volumes[volume].Keys.ShouldBe([id]);
        (await InspectAsync(client, name, "{{(index .Mounts 0).Driver}} {{(index .Mounts 0).Source}}")).ShouldBe($"{driver} {plugin.Root}/{volume}");
        (await RunAsync(client, "exec", name, "cat", "/data/kept")).Succeeded().ShouldBe("kept");
        (await RunAsync(client, "rm", "-f", name)).Succeeded();
        plugin.Volumes[volume].ShouldBeEmpty();

        // Made on the way, and anonymous, by --volume-driver.
        await BusyboxAsync(client, "touch /data/x", "--volume-driver", driver, "-v", "/data");
        plugin.Volumes.Keys.ShouldBe([volume]);

        (await RunAsync(client, "run", "--rm", "-v", $"{NewName("no")}:/x", "--volume-driver", "no-such-driver", "busybox", "true")).Ended(125).Saying("plugin \"no-such-driver\" not found");
        (await RunAsync(client, "volume", "rm", volume)).Succeeded();
        plugin.Volumes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_plugin_that_fails_to_mount_fails_the_start_and_leaves_nothing()
    {
        using var directory = new Scratch();
        var driver = NewName("broken");
        await using var plugin = new VolumePluginServer(Path.Combine(Daemon.ExecRoot, "plugins", driver + ".sock"), Path.Combine(directory.Path, "far"));
        var volume = NewName("remote");
        var name = NewName("victim");
        (await Daemon.SampanAsync("volume", "create", "-d", driver, volume)).Succeeded();
        (await Daemon.SampanAsync("create", "--name", name, "-v", $"{volume}:/data:nocopy", "busybox", "true")).Succeeded();
        plugin.Answers["VolumeDriver.Mount"] = """{"Err":"the array is degraded"}""";

        (await Daemon.SampanAsync("start", name)).Failed().Saying("the array is degraded");

        plugin.Volumes[volume].ShouldBeEmpty();
        plugin.Answers.Clear();
        (await Daemon.SampanAsync("start", "-a", name)).Succeeded();
        (await Daemon.SampanAsync("rm", name)).Succeeded();
        (await Daemon.SampanAsync("volume", "rm", volume)).Succeeded();
    }

    [Fact]
    public async Task A_volume_is_cloned_kept_exported_and_imported()
    {
        var (source, clone, back) = (NewName("db"), NewName("fork"), NewName("back"));
        using var directory = new Scratch();
        var tar = Path.Combine(directory.Path, "volume.tar");
        await BusyboxAsync(Clients.Sampan, "echo one >/v/file; mkdir /v/d; chown 33:33 /v/d; ln /v/file /v/second", "-v", $"{source}:/v");

        (await Daemon.SampanAsync("volume", "clone", "--label", "why=migration", source, clone)).Succeeded().ShouldBe(clone);
        await BusyboxAsync(Clients.Sampan, "echo two >/v/file", "-v", $"{clone}:/v");
        (await BusyboxAsync(Clients.Sampan, "cat /v/file; stat -c '%u %h' /v/d /v/second", "-v", $"{source}:/v")).ShouldBe("one\n33 2\n0 2");
        (await Daemon.SampanAsync("volume", "inspect", "-f", "{{index .Labels \"sampan.clone-of\"}} {{index .Labels \"why\"}}", clone)).Succeeded().ShouldBe($"{source} migration");

        var snapshot = (await Daemon.SampanAsync("volume", "snapshot", source)).Succeeded();
        snapshot.ShouldStartWith(source + "-");
        (await BusyboxAsync(Clients.Sampan, "cat /v/file", "-v", $"{snapshot}:/v:ro")).ShouldBe("one");
        (await Daemon.SampanAsync("run", "--rm", "-v", $"{snapshot}:/v", "busybox", "true")).Ended(125).Saying("is a snapshot: mount it read-only (ro), or clone it");

        (await Daemon.SampanAsync("volume", "export", "-o", tar, source)).Succeeded();
        (await Daemon.SampanAsync("volume", "import", tar, back)).Succeeded().ShouldBe(back);
        (await BusyboxAsync(Clients.Sampan, "cat /v/file; stat -c '%u %h' /v/d /v/second", "-v", $"{back}:/v")).ShouldBe("one\n33 2\n0 2");
        (await Daemon.SampanAsync("volume", "import", tar, back)).Ended(1).Saying("a volume of that name exists already");
        (await Daemon.SampanAsync("volume", "clone", "no-such-volume", "x1")).Ended(1).Saying("no such volume");
        (await Daemon.SampanAsync("volume", "rm", source, clone, snapshot, back)).Succeeded();
    }

    [Fact]
    public async Task A_volume_in_use_is_copied_with_a_warning_or_with_its_containers_paused()
    {
        var (source, fuzzy, still) = (NewName("busy"), NewName("fuzzy"), NewName("still"));
        var name = NewName("writer");
        await SleeperAsync(Clients.Sampan, name, "-v", $"{source}:/v");

        (await Daemon.SampanAsync("volume", "clone", source, fuzzy)).Saying($"WARNING: {name} may write to '{source}' while it is copied").Succeeded();
        var paused = await Daemon.SampanAsync("volume", "clone", "--pause", source, still);
        paused.Succeeded().ShouldBe(still);
        paused.Stderr.ShouldBe("");
        (await InspectAsync(Clients.Sampan, name, "{{.State.Status}}")).ShouldBe("running");

        (await Daemon.SampanAsync("rm", "-f", name)).Succeeded();
        (await Daemon.SampanAsync("volume", "rm", source, fuzzy, still)).Succeeded();
    }

    private bool Mounted(string volume) => File.ReadAllText("/proc/self/mountinfo").Contains($"{Daemon.DataRoot}/volumes/{volume}/_data ", StringComparison.Ordinal);
}
