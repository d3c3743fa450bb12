using System.Text.Json;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>cp, diff, export and commit.</summary>
public sealed class FilesTests(SharedEngine engine) : EngineTest(engine)
{
    [Theory, MemberData(nameof(Both))]
    public async Task Cp_brings_files_in_and_out_of_stopped_and_running_containers(string client)
    {
        using var directory = new Scratch();
        var file = Path.Combine(directory.Path, "file");
        await File.WriteAllTextAsync(file, "from the host\n");
        var stopped = NewName("stopped");
        (await RunAsync(client, "create", "--name", stopped, "-v", "/volume", "busybox", "cat", "/etc/renamed", "/volume/file")).Succeeded();

        (await RunAsync(client, "cp", file, $"{stopped}:/etc/renamed")).Succeeded();
        (await RunAsync(client, "cp", file, $"{stopped}:/volume")).Succeeded();
        (await RunAsync(client, "start", "-a", stopped)).Succeeded().ShouldBe("from the host\nfrom the host");
        (await RunAsync(client, "cp", $"{stopped}:/etc/renamed", Path.Combine(directory.Path, "back"))).Succeeded();
        (await File.ReadAllTextAsync(Path.Combine(directory.Path, "back"))).ShouldBe("from the host\n");

        var running = NewName("running");
        await SleeperAsync(client, running, "--tmpfs", "/scratch");
        (await RunAsync(client, "cp", file, $"{running}:/scratch/")).Succeeded();
        (await RunAsync(client, "exec", running, "cat", "/scratch/file")).Succeeded().ShouldBe("from the host");
        (await RunAsync(client, "cp", $"{running}:/scratch", Path.Combine(directory.Path, "copied"))).Succeeded();
        (await File.ReadAllTextAsync(Path.Combine(directory.Path, "copied", "file"))).ShouldBe("from the host\n");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Cp_of_directories_follows_the_rules_of_cp(string client)
    {
        using var directory = new Scratch();
        Directory.CreateDirectory(Path.Combine(directory.Path, "tree", "deep"));
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "tree", "deep", "file"), "x");
        File.CreateSymbolicLink(Path.Combine(directory.Path, "tree", "link"), "deep/file");
        var name = NewName("directories");
        await SleeperAsync(client, name);

        var tree = Path.Combine(directory.Path, "tree");
        (await RunAsync(client, "cp", tree, $"{name}:/tmp")).Succeeded();
        (await RunAsync(client, "cp", tree, $"{name}:/fresh")).Succeeded();
        (await RunAsync(client, "cp", tree + "/.", $"{name}:/home")).Succeeded();
        (await RunAsync(client, "exec", name, "sh", "-c", "cat /tmp/tree/deep/file /fresh/deep/file /home/deep/file; readlink /fresh/link")).Succeeded().ShouldBe("xxxdeep/file");
        (await RunAsync(client, "cp", $"{name}:/fresh/.", Path.Combine(directory.Path, "out"))).Succeeded();
        new FileInfo(Path.Combine(directory.Path, "out", "link")).LinkTarget.ShouldBe("deep/file");
        (await RunAsync(client, "cp", "-L", $"{name}:/fresh/link", Path.Combine(directory.Path, "followed"))).Succeeded();
        (await File.ReadAllTextAsync(Path.Combine(directory.Path, "followed"))).ShouldBe("x");

        // A link in the place of the copy is followed, and stays.
        var link = Path.Combine(directory.Path, "to-be-followed");
        File.CreateSymbolicLink(link, "written");
        (await RunAsync(client, "cp", $"{name}:/tmp/tree/deep/file", link)).Succeeded();
        new FileInfo(link).LinkTarget.ShouldBe("written");
        (await File.ReadAllTextAsync(Path.Combine(directory.Path, "written"))).ShouldBe("x");

        (await RunAsync(client, "cp", tree, $"{name}:/tmp/tree/deep/file")).Ended(1).Saying("cannot copy directory");
        (await RunAsync(client, "cp", $"{name}:/absent", directory.Path)).Ended(1).Saying($"Could not find the file /absent in container {name}");
        (await RunAsync(client, "cp", tree, $"{name}:/absent/below")).Ended(1).Saying("Could not find the file /absent");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Cp_of_all_that_a_running_container_has_leaves_out_what_the_kernel_shows_it(string client)
    {
        using var directory = new Scratch();
        var name = NewName("all");
        await SleeperAsync(client, name, "--tmpfs", "/scratch");
        (await RunAsync(client, "exec", name, "sh", "-c", "echo mine > /scratch/file; echo mine > /file")).Succeeded();
        var copy = Path.Combine(directory.Path, "copy");

        (await RunAsync(client, "cp", $"{name}:/", copy)).Succeeded();

        File.Exists(Path.Combine(copy, "bin", "busybox")).ShouldBeTrue();
        (await File.ReadAllTextAsync(Path.Combine(copy, "file"))).ShouldBe("mine\n");
        (await File.ReadAllTextAsync(Path.Combine(copy, "scratch", "file"))).ShouldBe("mine\n");
        foreach (var shown in new[] { "dev", "proc", "sys" })
            Directory.EnumerateFileSystemEntries(Path.Combine(copy, shown)).ShouldBeEmpty(shown);
        (await RunAsync(client, "cp", $"{name}:/proc/version", directory.Path)).Ended(1).Saying("'/proc/version' is made by the kernel at each look");
        (await RunAsync(client, "cp", Path.Combine(copy, "file"), $"{name}:/sys/")).Ended(1).Saying("it cannot be copied");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Cp_of_a_root_into_that_of_a_running_container_leaves_what_the_kernel_shows_as_it_is(string client)
    {
        using var tree = new Scratch();
        (await Shell.ShAsync($"cd {tree.Path} && mkdir -p dev/pts proc/acpi proc/1 sys/kernel etc/made && echo x > etc/made/file && chmod 700 proc sys sys/kernel")).Succeeded();
        var name = NewName("rooted");
        await SleeperAsync(client, name);
        var before = (await RunAsync(client, "exec", name, "stat", "-c", "%n %a %u", "/proc", "/sys", "/sys/kernel", "/dev/pts")).Succeeded();

        (await RunAsync(client, "cp", $"{tree.Path}/.", $"{name}:/")).Succeeded();

        (await RunAsync(client, "exec", name, "cat", "/etc/made/file")).Succeeded().ShouldBe("x");
        (await RunAsync(client, "exec", name, "stat", "-c", "%n %a %u", "/proc", "/sys", "/sys/kernel", "/dev/pts")).Succeeded().ShouldBe(before);
        foreach (var file in new[] { "sys/file", "proc/file" })
        {
            await File.WriteAllTextAsync(Path.Combine(tree.Path, file), "x");
            (await RunAsync(client, "cp", $"{tree.Path}/.", $"{name}:/")).Ended(1).Saying($"'/{file}' is made by the kernel at each look");
            File.Delete(Path.Combine(tree.Path, file));
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Cp_keeps_two_names_of_one_file_one_file(string client)
    {
        using var directory = new Scratch();
        Directory.CreateDirectory(Path.Combine(directory.Path, "tree"));
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "tree", "one"), "x");
        (await Shell.ShAsync($"ln {directory.Path}/tree/one {directory.Path}/tree/two")).Succeeded();
        var name = NewName("links");
        await SleeperAsync(client, name);

        (await RunAsync(client, "cp", Path.Combine(directory.Path, "tree"), $"{name}:/tree")).Succeeded();
        (await RunAsync(client, "exec", name, "stat", "-c", "%h", "/tree/one", "/tree/two")).Succeeded().ShouldBe("2\n2");
        (await RunAsync(client, "cp", $"{name}:/tree", Path.Combine(directory.Path, "back"))).Succeeded();
        (await Shell.ShAsync($"stat -c %h {directory.Path}/back/one {directory.Path}/back/two")).Succeeded().ShouldBe("2\n2");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Cp_takes_the_place_of_no_device(string client)
    {
        using var directory = new Scratch();
        var name = NewName("device");
        await SleeperAsync(client, name);
        (await RunAsync(client, "exec", name, "touch", "/null")).Succeeded();
        var link = Path.Combine(directory.Path, "link");
        File.CreateSymbolicLink(link, "/dev/null");

        (await RunAsync(client, "cp", $"{name}:/null", link)).Ended(1).Saying("must be a directory or a regular file: got a device");

        new FileInfo(link).LinkTarget.ShouldBe("/dev/null");
        if (client == Clients.Sampan)
        {
            // Docker's client does this.
            (await Shell.ShAsync($"mknod {directory.Path}/null c 1 3")).Succeeded();
            (await RunAsync(client, "cp", $"{name}:/null", directory.Path)).Ended(1).Saying("cannot overwrite device 'null' with file");
            (await Shell.ShAsync($"test -c {directory.Path}/null")).Succeeded();
        }
    }

    [Fact]
    public async Task Cp_of_a_dash_is_a_tar()
    {
        using var directory = new Scratch();
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "in-tar"), "y");
        var name = NewName("tar");
        await SleeperAsync(Clients.Docker, name);

        foreach (var client in new[] { Clients.Path(Clients.Docker), Clients.Path(Clients.Sampan) })
        {
            (await Shell.ShAsync($"tar -C {directory.Path} -cz in-tar | {client} -H {Daemon.Host} cp - {name}:/tmp")).Succeeded();
            (await Shell.ShAsync($"{client} -H {Daemon.Host} cp {name}:/tmp/in-tar - | tar -xO")).Succeeded().ShouldBe("y");
            (await RunAsync(Clients.Docker, "exec", name, "rm", "/tmp/in-tar")).Succeeded();
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_is_read_only_stays_so(string client)
    {
        using var directory = new Scratch();
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "file"), "x");
        var name = NewName("read-only");
        await SleeperAsync(client, name, "--read-only", "-v", $"{directory.Path}:/mnt:ro");

        (await RunAsync(client, "cp", Path.Combine(directory.Path, "file"), $"{name}:/tmp/x")).Ended(1).Saying("container rootfs is marked read-only");
        (await RunAsync(client, "cp", Path.Combine(directory.Path, "file"), $"{name}:/mnt/x")).Ended(1).Saying("mounted volume is marked read-only");
        File.Exists(Path.Combine(directory.Path, "x")).ShouldBeFalse();
    }

    [Fact]
    public async Task The_path_header_is_go_s()
    {
        var name = NewName("header");
        (await RunAsync(Clients.Docker, "create", "--name", name, "busybox")).Succeeded();

        async Task<JsonElement> StatAsync(string path)
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, $"containers/{name}/archive?path={path}");
            using var response = await Daemon.Http.SendAsync(request);
            response.EnsureSuccessStatusCode();
            return JsonDocument.Parse(Convert.FromBase64String(response.Headers.GetValues("X-Docker-Container-Path-Stat").Single())).RootElement;
        }

        (await StatAsync("/etc")).ShouldSatisfyAllConditions(
            s => s.GetProperty("name").GetString().ShouldBe("etc"),
            s => (s.GetProperty("mode").GetInt64() >> 31).ShouldBe(1),
            s => (s.GetProperty("mode").GetInt64() & 0x1ff).ShouldBe(0x1ed));
        (await StatAsync("/etc/passwd")).GetProperty("size").GetInt64().ShouldBeGreaterThan(0);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Nothing_is_made_in_a_container_for_what_is_mounted_there(string client)
    {
        var name = NewName("common");
        await SleeperAsync(client, name);

        (await RunAsync(client, "exec", name, "sh", "-c", "stat -c '%n %s %a' /.dockerenv; readlink /etc/mtab; cat /etc/hostname")).Lines.ShouldBe(["/.dockerenv 0 755", "/proc/mounts", (await RunAsync(client, "inspect", "-f", "{{.Config.Hostname}}", name)).Succeeded()]);
        Directory.EnumerateFileSystemEntries((await RunAsync(client, "inspect", "-f", "{{.GraphDriver.Data.UpperDir}}", name)).Succeeded()).ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Diff_tells_what_changed_and_nothing_of_the_engines_own(string client)
    {
        var untouched = NewName("untouched");
        (await RunAsync(client, "run", "--name", untouched, "busybox", "true")).Succeeded();
        (await RunAsync(client, "diff", untouched)).Succeeded().ShouldBe("");

        var changed = NewName("changed");
        (await RunAsync(client, "run", "--name", changed, "busybox", "sh", "-c", "echo x >/new; rm /etc/group; echo y >>/etc/passwd; mkdir -p /a/b")).Succeeded();
        (await RunAsync(client, "diff", changed)).Lines.ShouldBe(["A /a", "A /a/b", "C /etc", "D /etc/group", "C /etc/passwd", "A /new"]);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Export_and_import_give_the_same_files(string client)
    {
        using var directory = new Scratch();
        var name = NewName("exported");
        (await RunAsync(client, "run", "--name", name, "busybox", "sh", "-c", "echo kept >/kept; rm /etc/group")).Succeeded();
        var tar = Path.Combine(directory.Path, "out.tar");

        (await RunAsync(client, "export", "-o", tar, name)).Succeeded();
        var reference = NewName("imported") + ":1";
        (await RunAsync(client, "import", "--change", "CMD [\"cat\",\"/kept\"]", tar, reference)).Succeeded();

        (await RunAsync(client, "run", "--rm", reference)).Succeeded().ShouldBe("kept");
        (await Shell.ShAsync($"tar -tf {tar}")).Succeeded().ShouldNotContain("etc/group");
        (await RunAsync(client, "rmi", reference)).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Commit_makes_an_image_of_a_containers_changes(string client)
    {
        var name = NewName("committed");
        await SleeperAsync(client, name, "-e", "GIVEN=1", "--label", "own=yes");
        (await RunAsync(client, "exec", name, "sh", "-c", "echo changed >/changed; chmod 4755 /changed; rm -r /var")).Succeeded();
        var reference = NewName("image") + ":tag";

        var id = (await RunAsync(client, "commit", "-a", "An Author", "-m", "a message", "--change", "CMD [\"sh\",\"-c\",\"cat /changed; echo $GIVEN$ADDED; ls -d /var\"]", "--change", "ENV ADDED=2", name, reference)).Succeeded();

        id.ShouldStartWith("sha256:");
        (await InspectAsync(client, name, "{{.State.Status}}")).ShouldBe("running");
        var ran = await RunAsync(client, "run", "--rm", reference);
        ran.Failed().Saying("/var: No such file");
        ran.Lines.ShouldBe(["changed", "12"]);
        (await RunAsync(client, "image", "inspect", "-f", "{{.Author}}|{{.Comment}}|{{index .Config.Labels \"own\"}}|{{len .RootFS.Layers}}", reference)).Succeeded().ShouldBe("An Author|a message|yes|2");
        (await RunAsync(client, "history", "--no-trunc", "--format", "{{.CreatedBy}}|{{.Comment}}", reference)).Lines[0].ShouldBe("sleep 3600|a message");

        (await RunAsync(client, "commit", "--change", "RUN x", name)).Ended(1).Saying("RUN is not a valid change command");
        (await RunAsync(client, "rmi", reference)).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Commit_pauses_a_running_container_unless_it_must_not(string client)
    {
        var (paused, running) = (NewName("paused"), NewName("running"));
        foreach (var (name, pause) in new[] { (paused, "true"), (running, "false") })
        {
            await SleeperAsync(client, name);
            var id = (await RunAsync(client, "commit", $"--pause={pause}", name)).Succeeded();
            (await RunAsync(client, "rmi", id)).Succeeded();
            (await InspectAsync(client, name, "{{.State.Status}}")).ShouldBe("running");
        }

        // docker's client asks for what was until the beginning of this second.
        await Eventually.PassesAsync(async () => (await ActionsAsync(client, paused)).ShouldBe(["create", "start", "pause", "commit", "unpause"], ignoreOrder: true));
        await Eventually.PassesAsync(async () => (await ActionsAsync(client, running)).ShouldBe(["create", "start", "commit"], ignoreOrder: true));
    }

    private async Task<IEnumerable<string>> ActionsAsync(string client, string name) =>
        (await RunAsync(client, "events", "--since", "1h", "--until", "0s", "-f", "type=container", "-f", $"container={name}", "--format", "{{.Action}}")).Lines;

    [Fact]
    public async Task Nothing_stays_mounted_or_open_after_copying()
    {
        var name = NewName("leaks");
        (await RunAsync(Clients.Docker, "create", "--name", name, "busybox")).Succeeded();
        var before = await Census.TakeAsync(Daemon);

        for (var i = 0; i < 10; i++)
            (await Shell.ShAsync($"{Clients.Path(Clients.Sampan)} -H {Daemon.Host} cp {name}:/etc - >/dev/null")).Succeeded();

        await Census.ReturnsToAsync(Daemon, before);
    }
}
