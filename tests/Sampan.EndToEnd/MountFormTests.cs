using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>The forms of <c>--mount</c> and <c>-v</c>: parts of volumes, images, other owners, read-only trees.</summary>
public sealed class MountFormTests(SharedEngine engine) : EngineTest(engine)
{
    [Fact]
    public async Task A_part_of_a_volume_is_mounted()
    {
        var volume = NewName("whole");
        await BusyboxAsync(Clients.Sampan, "mkdir -p /v/a/b; echo part >/v/a/b/file; echo single >/v/single", "-v", $"{volume}:/v");

        (await BusyboxAsync(Clients.Sampan, "cat /p/file; cat /f; ls /p", "--mount", $"type=volume,src={volume},dst=/p,volume-subpath=a/b", "--mount", $"type=volume,src={volume},dst=/f,volume-subpath=single"))
            .ShouldBe("part\nsingle\nfile");

        (await RunAsync(Clients.Sampan, "run", "--rm", "--mount", $"type=volume,src={volume},dst=/p,volume-subpath=../x", "busybox", "true")).Ended(125).Saying("subpath must be a relative path within the volume");
        (await RunAsync(Clients.Sampan, "run", "--rm", "--mount", $"type=volume,src={volume},dst=/p,volume-subpath=absent", "busybox", "true")).Failed().Saying("no such file");
        (await RunAsync(Clients.Sampan, "volume", "rm", volume)).Succeeded();
    }

    [Fact]
    public async Task CVE_2017_1002101_a_link_in_a_volume_does_not_lead_its_part_out()
    {
        var volume = NewName("links");
        await BusyboxAsync(Clients.Sampan, "ln -s / /v/abs; ln -s ../../../../../../../etc /v/rel; mkdir -p /v/etc /v/in; echo mine >/v/etc/mine; ln -s in /v/inside; echo here >/v/in/here", "-v", $"{volume}:/v");

        // As if the volume were the root: an absolute link is its top, and nothing is above that.
        (await BusyboxAsync(Clients.Sampan, "cat /p/etc/mine", "--mount", $"type=volume,src={volume},dst=/p,volume-subpath=abs")).ShouldBe("mine");
        (await BusyboxAsync(Clients.Sampan, "ls /p", "--mount", $"type=volume,src={volume},dst=/p,volume-subpath=rel")).ShouldBe("mine");
        (await BusyboxAsync(Clients.Sampan, "cat /p/here", "--mount", $"type=volume,src={volume},dst=/p,volume-subpath=inside")).ShouldBe("here");

        // Files of a container that does not run are reached the same way.
        var stopped = NewName("stopped");
        (await RunAsync(Clients.Sampan, "create", "--name", stopped, "--mount", $"type=volume,src={volume},dst=/p,volume-subpath=rel", "busybox")).Succeeded();
        using var scratch = new Scratch();
        (await RunAsync(Clients.Sampan, "cp", $"{stopped}:/p/mine", scratch.Path)).Succeeded();
        (await File.ReadAllTextAsync(Path.Combine(scratch.Path, "mine"))).ShouldBe("mine\n");
        (await RunAsync(Clients.Sampan, "cp", $"{stopped}:/p/passwd", scratch.Path)).Failed();
        (await RunAsync(Clients.Sampan, "rm", stopped)).Succeeded();
        (await RunAsync(Clients.Sampan, "volume", "rm", volume)).Succeeded();
    }

    [Fact]
    public async Task An_image_is_mounted_read_only_and_outlives_its_name()
    {
        var image = NewName("tools");
        (await RunAsync(Clients.Sampan, "tag", "busybox", image)).Succeeded();
        var name = NewName("with-image");

        (await BusyboxAsync(Clients.Sampan, "ls /tools/bin/busybox; touch /tools/x 2>&1; /tools/bin/echo runs", "--mount", $"type=image,src={image},dst=/tools"))
            .ShouldBe("/tools/bin/busybox\ntouch: /tools/x: Read-only file system\nruns");
        (await BusyboxAsync(Clients.Sampan, "test -e /.dockerenv && ! test -e /tools/.dockerenv && echo the image alone", "--mount", $"type=image,src={image},dst=/tools")).ShouldBe("the image alone");
        (await BusyboxAsync(Clients.Sampan, "head -1 /p/passwd; head -1 /f", "--mount", $"type=image,src={image},dst=/p,image-subpath=etc", "--mount", $"type=image,src={image},dst=/f,image-subpath=etc/passwd"))
            .ShouldBe("root:x:0:0:root:/root:/bin/sh\nroot:x:0:0:root:/root:/bin/sh");

        await SleeperAsync(Clients.Sampan, name, "--mount", $"type=image,src={image},dst=/tools");
        (await InspectAsync(Clients.Sampan, name, "{{(index .Mounts 0).Type}} {{(index .Mounts 0).RW}}")).ShouldBe("image false");
        (await RunAsync(Clients.Sampan, "rmi", image)).Succeeded();
        (await RunAsync(Clients.Sampan, "exec", name, "ls", "/tools/bin/busybox")).Succeeded();
        (await RunAsync(Clients.Sampan, "restart", "-t", "0", name)).Succeeded();
        (await RunAsync(Clients.Sampan, "exec", name, "ls", "/tools/bin/busybox")).Succeeded();
        (await RunAsync(Clients.Sampan, "rm", "-f", name)).Succeeded();
        Directory.GetDirectories(Path.Combine(Daemon.DataRoot, "snapshots"), "*.image*").ShouldNotContain(path => !Path.GetFileName(path).StartsWith('.'));

        (await RunAsync(Clients.Sampan, "run", "--rm", "--mount", "type=image,src=absent:none,dst=/x", "busybox", "true")).Ended(125).Saying("no such image: absent:none");
    }

    [Theory]
    [InlineData("npipe")]
    [InlineData("cluster")]
    public async Task A_kind_of_mount_that_is_not_for_here_is_refused_by_name(string kind) =>
        (await RunAsync(Clients.Sampan, "run", "--rm", "--mount", $"type={kind},src=x,dst=/x", "busybox", "true")).Ended(125).Saying($"HostConfig.Mounts.Type: {kind}");

    [Theory, MemberData(nameof(Both))]
    public async Task Forms_that_say_nothing_clear_are_refused_before_anything_is_made(string client)
    {
        var (name, volume) = (NewName("unclear"), NewName("none"));
        foreach (var (form, value, reason) in new[]
        {
            ("--mount", "type=bind,src=/tmp,dst=/x,bind-propagation=sideways", "invalid propagation mode: sideways"),
            ("-v", "/tmp:/x:ro,rw", "invalid mode: ro,rw"),
            ("-v", $"{volume}:/x:rshared", "field BindOptions must not be specified"),
            ("-v", "/tmp:/x:nocopy", "field VolumeOptions must not be specified"),
        })
            (await RunAsync(client, "run", "--name", name, form, value, "busybox", "true")).Ended(125).Saying(reason);
        (await RunAsync(client, "ps", "-aq", "--filter", $"name={name}")).Succeeded().ShouldBeEmpty();
        (await RunAsync(client, "volume", "inspect", volume)).Ended(1);

        // What is said twice in the same words is said once.
        (await RunAsync(client, "run", "--rm", "-v", "/tmp:/x:ro", "-v", "/tmp:/x:ro", "busybox", "true")).Succeeded();
    }

    [Fact]
    public async Task A_bind_shows_the_hosts_files_as_the_containers_users_and_back()
    {
        using var directory = new Scratch();
        var file = Path.Combine(directory.Path, "host-file");
        await File.WriteAllTextAsync(file, "x");
        (await Shell.ShAsync($"chown 1000:1000 '{directory.Path}' '{file}'")).Succeeded();

        (await BusyboxAsync(Clients.Sampan, "stat -c %u:%g /app/host-file; touch /app/made", "--mount", $"type=bind,src={directory.Path},dst=/app,idmap=uids=1000-0-1;gids=1000-0-1")).ShouldBe("0:0");
        (await Shell.ShAsync($"stat -c %u:%g '{directory.Path}/made'")).Succeeded().ShouldBe("1000:1000");

        // The same by -v, which docker's client hands on as it is; another id owns nothing there.
        (await BusyboxAsync(Clients.Sampan, "touch /app/33 && stat -c %u:%g /app/33", "-u", "33:33", "-v", $"{directory.Path}:/app:idmap=1000-33")).ShouldBe("33:33");
        (await Shell.ShAsync($"stat -c %u:%g '{directory.Path}/33'")).Succeeded().ShouldBe("1000:1000");
        (await RunAsync(Clients.Sampan, "run", "--rm", "-v", $"{directory.Path}:/app:idmap=1000-33", "busybox", "touch", "/app/root")).Failed().Saying("Value too large");
    }

    [Fact]
    public async Task A_mapped_volume_is_filled_from_the_image_with_owners_as_the_container_means_them()
    {
        var volume = NewName("mapped");
        // The image's /etc is root's: with 5000 in place of 0 on the disk, the container sees its own root.
        (await BusyboxAsync(Clients.Sampan, "stat -c %u /etc/passwd", "-v", $"{volume}:/etc:idmap=5000-0")).ShouldBe("0");
        var mountpoint = (await RunAsync(Clients.Sampan, "volume", "inspect", "-f", "{{.Mountpoint}}", volume)).Succeeded();
        (await Shell.ShAsync($"stat -c %u:%g '{mountpoint}/passwd'")).Succeeded().ShouldBe("5000:5000");
        (await RunAsync(Clients.Sampan, "volume", "rm", volume)).Succeeded();
    }

    [Fact]
    public async Task A_read_only_bind_is_so_with_all_below_it_unless_told_otherwise()
    {
        using var directory = new Scratch();
        Directory.CreateDirectory(Path.Combine(directory.Path, "below"));
        (await Shell.ShAsync($"mount -t tmpfs below '{directory.Path}/below'")).Succeeded();
        try
        {
            const string Line = "touch /m/x 2>/dev/null && echo top; touch /m/below/x 2>/dev/null && echo below; echo end";
            var source = $"type=bind,src={directory.Path},dst=/m,ro";
            (await BusyboxAsync(Clients.Sampan, Line, "--mount", source)).ShouldBe("end");
            (await BusyboxAsync(Clients.Sampan, Line, "--mount", source + ",bind-recursive=readonly,bind-propagation=rprivate")).ShouldBe("end");
            (await BusyboxAsync(Clients.Sampan, Line, "--mount", source + ",bind-recursive=writable")).ShouldBe("below\nend");
            File.Delete(Path.Combine(directory.Path, "below", "x"));
            (await BusyboxAsync(Clients.Sampan, "ls /m/below", "--mount", source + ",bind-recursive=disabled")).ShouldBe("");
        }
        finally
        {
            await Shell.ShAsync($"umount '{directory.Path}/below'");
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Volumes_from_another_container_come_along_and_may_be_read_only(string client)
    {
        var volume = NewName("lent");
        var owner = NewName("lender");
        (await RunAsync(client, "create", "--name", owner, "-v", $"{volume}:/lent", "-v", "/anonymous", "busybox")).Succeeded();

        (await BusyboxAsync(client, "echo one >/lent/file; echo two >/anonymous/file; echo written", "--volumes-from", owner)).ShouldBe("written");
        (await BusyboxAsync(client, "cat /lent/file /anonymous/file; touch /lent/x 2>&1; true", "--volumes-from", $"{owner}:ro")).ShouldBe("one\ntwo\ntouch: /lent/x: Read-only file system");
        (await RunAsync(client, "run", "--rm", "--volumes-from", "absent-container", "busybox", "true")).Ended(125).Saying("No such container");

        // The lender's anonymous volume was not the borrower's to remove.
        (await RunAsync(client, "rm", "-v", owner)).Succeeded();
        (await RunAsync(client, "volume", "ls", "-q", "--filter", $"name={volume}")).Lines.ShouldBe([volume]);
        (await RunAsync(client, "volume", "rm", volume)).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_tmpfs_of_mount_has_size_and_mode(string client) =>
        (await BusyboxAsync(client, "stat -c %a /t; mount | grep ' /t '", "--mount", "type=tmpfs,dst=/t,tmpfs-size=2m,tmpfs-mode=1750")).ShouldSatisfyAllConditions(
            text => text.ShouldStartWith("1750\n"), text => text.ShouldContain("size=2048k"), text => text.ShouldContain("noexec"));

    [Theory, MemberData(nameof(Both))]
    public async Task A_bind_of_v_may_carry_a_label_for_SELinux(string client)
    {
        using var directory = new Scratch();
        (await BusyboxAsync(client, "touch /m/x && echo done", "-v", $"{directory.Path}:/m:Z")).ShouldBe("done");
        (await BusyboxAsync(client, "touch /m/x 2>/dev/null || echo refused", "-v", $"{directory.Path}:/m:ro,z")).ShouldBe("refused");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_mount_on_the_host_shows_in_a_container_that_asked_for_it(string client)
    {
        using var directory = new Scratch();
        var name = NewName("slave");
        (await Shell.ShAsync($"mount --bind '{directory.Path}' '{directory.Path}' && mount --make-shared '{directory.Path}' && mkdir '{directory.Path}/late'")).Succeeded();
        try
        {
            await SleeperAsync(client, name, "-v", $"{directory.Path}:/m:rslave");
            (await Shell.ShAsync($"mount -t tmpfs late '{directory.Path}/late' && touch '{directory.Path}/late/seen'")).Succeeded();
            (await RunAsync(client, "exec", name, "ls", "/m/late")).Succeeded().ShouldBe("seen");
        }
        finally
        {
            await RunAsync(client, "rm", "-f", name);
            await Shell.ShAsync($"umount '{directory.Path}/late'; umount '{directory.Path}'");
        }
    }
}
