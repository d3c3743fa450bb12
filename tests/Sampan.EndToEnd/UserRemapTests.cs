using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Containers whose root is nobody on the host: <c>sampand --userns-remap</c>.</summary>
public sealed class UserRemapTests
{
    private static readonly string[] s_option = ["--userns-remap", "0:230000:65536"];

    [Fact]
    public async Task Root_of_a_container_is_root_there_and_nobody_on_the_host()
    {
        await using var daemon = await StartAsync();
        using var host = new Scratch();
        (await Shell.ShAsync($"touch {host.Path}/of-root && chmod 755 {host.Path}")).Succeeded();

        (await daemon.DockerAsync("info", "-f", "{{.SecurityOptions}}")).Succeeded().ShouldContain("name=userns");
        (await daemon.DockerAsync("run", "-d", "--name", "mapped", "-v", $"{host.Path}:/host", "-v", "kept:/kept", "-p", "80", "busybox", "sh", "-c",
            "touch /made && chown 5:6 /made && touch /kept/made && echo page >/index.html && httpd -f -h / -p 80")).Succeeded();
        var pid = (await daemon.DockerAsync("inspect", "-f", "{{.State.Pid}}", "mapped")).Succeeded();
        var port = (await daemon.DockerAsync("port", "mapped", "80/tcp")).Lines[0].Split(':')[^1];
        await Eventually.HoldsAsync("it serves", async () => (await Shell.RunAsync("curl", ["-sf", "--max-time", "30", $"http://127.0.0.1:{port}/"])).Text == "page");

        (await Shell.ShAsync($"awk '/^[UG]id/ {{ print $2 }}' /proc/{pid}/status")).Lines.ShouldBe(["230000", "230000"]);
        (await daemon.DockerAsync("exec", "mapped", "cat", "/proc/self/uid_map")).Succeeded().Split(' ', StringSplitOptions.RemoveEmptyEntries).ShouldBe(["0", "230000", "65536"]);
        (await daemon.DockerAsync("exec", "mapped", "stat", "-c", "%n %u:%g", "/bin", "/made", "/kept/made", "/etc/hosts", "/host/of-root")).Lines
            .ShouldBe(["/bin 0:0", "/made 5:6", "/kept/made 0:0", "/etc/hosts 0:0", "/host/of-root 65534:65534"]);
        (await daemon.DockerAsync("exec", "mapped", "touch", "/host/x")).Ended(1).Saying("Permission denied");
        (await daemon.DockerAsync("volume", "create", "-o", "type=none", "-o", "o=bind", "-o", $"device={host.Path}", "of-the-host")).Succeeded();
        (await daemon.DockerAsync("run", "--rm", "-v", "of-the-host:/host", "busybox", "sh", "-c", "stat -c %u:%g /host/of-root && touch /host/x")).Ended(1).Saying("Permission denied");
        (await daemon.DockerAsync("exec", "mapped", "sh", "-c", "echo 192.0.2.1 more >> /etc/hosts && echo told > /dev/stderr")).Succeeded();
        (await daemon.DockerAsync("exec", "-u", "1000", "mapped", "sh", "-c", "id -u; echo told > /dev/stderr")).Succeeded().ShouldBe("1000");
        (await daemon.DockerAsync("exec", "mapped", "ls", "/sys/class/net")).Lines.ShouldBe(["eth0", "lo"], "its own network's devices, not the host's");
        (await Shell.ShAsync($"stat -c %u:%g {daemon.DataRoot}/volumes/kept/_data/made")).Text.ShouldBe("0:0", "the store keeps the owners that containers see");
    }

    [Fact]
    public async Task Files_go_in_and_out_with_the_owners_that_the_container_sees()
    {
        await using var daemon = await StartAsync();
        using var files = new Scratch();
        await File.WriteAllTextAsync(Path.Combine(files.Path, "sent"), "content");
        (await daemon.DockerAsync("run", "-d", "--name", "mapped", "busybox", "sh", "-c", "touch /own; chown 7:8 /own; touch /done; sleep 3600")).Succeeded();
        await Eventually.HoldsAsync("it is done", async () => (await daemon.DockerAsync("exec", "mapped", "ls", "/done")).ExitCode == 0);

        (await daemon.DockerAsync("cp", $"{files.Path}/sent", "mapped:/sent")).Succeeded();
        (await daemon.DockerAsync("exec", "mapped", "stat", "-c", "%u:%g", "/sent")).Succeeded().ShouldBe("0:0");
        (await Shell.ShAsync($"docker -H {daemon.Host} cp mapped:/own - | tar tv --numeric-owner")).Text.ShouldContain(" 7/8 ");
        (await Shell.ShAsync($"tar c --owner 9 --group 10 --numeric-owner -C {files.Path} sent | docker -H {daemon.Host} cp -a - mapped:/tmp")).Succeeded();
        (await daemon.DockerAsync("exec", "mapped", "stat", "-c", "%u:%g", "/tmp/sent")).Succeeded().ShouldBe("9:10");
        (await Shell.ShAsync($"tar c --owner 70000 --group 0 --numeric-owner -C {files.Path} sent | docker -H {daemon.Host} cp -a - mapped:/tmp")).ExitCode.ShouldNotBe(0, "there is no such user in the container");
        (await daemon.DockerAsync("diff", "mapped")).Lines.Order(StringComparer.Ordinal).ShouldBe(["A /done", "A /own", "A /sent", "A /tmp/sent", "C /tmp"]);
        (await Shell.ShAsync($"docker -H {daemon.Host} export mapped | tar tv --numeric-owner | grep ' own$'")).Text.ShouldContain(" 7/8 ");

        (await daemon.DockerAsync("commit", "mapped", "remap-committed")).Succeeded();
        (await daemon.DockerAsync("run", "--rm", "--userns", "host", "remap-committed", "stat", "-c", "%u:%g", "/own")).Succeeded().ShouldBe("7:8");
        await File.WriteAllTextAsync(Path.Combine(files.Path, "Dockerfile"), "FROM busybox\nRUN touch /made && chown 3:4 /made\nCOPY sent /sent\nRUN rm /sent && test $(stat -c %u /made) = 3\n");
        (await Shell.RunAsync(Clients.Path(Clients.Docker), ["build", "-q", "-t", "remap-built", files.Path], new Dictionary<string, string>(daemon.ClientEnvironment, StringComparer.Ordinal) { ["DOCKER_BUILDKIT"] = "0" })).Succeeded();
        (await daemon.DockerAsync("run", "--rm", "remap-built", "stat", "-c", "%u:%g", "/made")).Succeeded().ShouldBe("3:4");
        (await daemon.DockerAsync("run", "--rm", "--mount", "type=image,source=remap-committed,target=/image", "busybox", "stat", "-c", "%u:%g", "/image/own")).Succeeded().ShouldBe("7:8");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Files_go_into_what_is_the_hosts_with_the_ids_that_the_container_has_there(bool runs)
    {
        await using var daemon = await StartAsync();
        using var host = new Scratch();
        using var files = new Scratch();
        await File.WriteAllTextAsync(Path.Combine(files.Path, "sent"), "content");
        (await Shell.ShAsync($"chmod 755 {host.Path} && chown 230000:230000 {host.Path}")).Succeeded();
        (await daemon.DockerAsync(runs ? ["run", "-d", "--name", "mapped", "-v", $"{host.Path}:/host", "-v", "kept:/kept", "busybox", "sleep", "3600"] : ["create", "--name", "mapped", "-v", $"{host.Path}:/host", "-v", "kept:/kept", "busybox"])).Succeeded();

        (await daemon.DockerAsync("cp", $"{files.Path}/sent", "mapped:/host/of-root")).Succeeded();
        (await Shell.ShAsync($"tar c --owner 9 --group 10 --numeric-owner -C {files.Path} sent | docker -H {daemon.Host} cp -a - mapped:/host")).Succeeded();
        (await Shell.ShAsync($"tar c --owner 9 --group 10 --numeric-owner -C {files.Path} sent | docker -H {daemon.Host} cp -a - mapped:/kept")).Succeeded();
        (await Shell.ShAsync($"tar c --owner 70000 --group 0 --numeric-owner -C {files.Path} sent | docker -H {daemon.Host} cp -a - mapped:/host")).ExitCode.ShouldNotBe(0, "there is no such user in the container");

        (await Shell.ShAsync($"stat -c %u:%g {host.Path}/of-root {host.Path}/sent {daemon.DataRoot}/volumes/kept/_data/sent")).Lines.ShouldBe(["230000:230000", "230009:230010", "9:10"]);
        (await Shell.ShAsync($"docker -H {daemon.Host} cp mapped:/host/sent - | tar tv --numeric-owner")).Text.ShouldContain(" 9/10 ");
        (await Shell.ShAsync($"docker -H {daemon.Host} cp mapped:/kept/sent - | tar tv --numeric-owner")).Text.ShouldContain(" 9/10 ");
    }

    [Fact]
    public async Task What_the_host_alone_may_is_refused_unless_the_container_opts_out()
    {
        await using var daemon = await StartAsync();

        (await daemon.DockerAsync("run", "--rm", "--privileged", "busybox", "true")).Ended(125).Saying("privileged mode is incompatible with user namespaces");
        (await daemon.DockerAsync("run", "--rm", "--network", "host", "busybox", "true")).Ended(125).Saying("cannot share the host's network namespace when user namespaces are enabled");
        (await daemon.DockerAsync("run", "--rm", "--pid", "host", "busybox", "true")).Ended(125).Saying("cannot share the host PID namespace when user namespaces are enabled");
        (await daemon.DockerAsync("run", "--rm", "busybox", "mknod", "/null", "c", "1", "3")).Ended(1).Saying("Operation not permitted");
        (await daemon.DockerAsync("run", "--rm", "--device", "/dev/zero:/dev/other", "busybox", "sh", "-c", "head -c 3 /dev/other | wc -c")).Succeeded().ShouldBe("3");
        (await daemon.DockerAsync("run", "--rm", "--cap-add", "NET_ADMIN", "busybox", "ip", "link", "set", "lo", "down")).Succeeded("the network is the container's own");

        (await daemon.DockerAsync("run", "--rm", "--userns", "host", "--privileged", "--network", "host", "busybox", "cat", "/proc/self/uid_map")).Succeeded().Split(' ', StringSplitOptions.RemoveEmptyEntries).ShouldBe(["0", "0", "4294967295"]);
        (await daemon.DockerAsync("run", "-d", "--name", "opted-out", "--userns", "host", "busybox", "sleep", "3600")).Succeeded();
        (await daemon.DockerAsync("inspect", "-f", "{{.HostConfig.UsernsMode}}", "opted-out")).Succeeded().ShouldBe("host");
        (await daemon.DockerAsync("run", "--rm", "--pid", "container:opted-out", "busybox", "true")).Ended(125).Saying("its users are the host's, this one's are mapped");
    }

    [Fact]
    public async Task Mapped_containers_outlive_the_daemon_and_share_networks_with_those_after()
    {
        await using var daemon = await StartAsync();
        (await daemon.DockerAsync("run", "-d", "--name", "stays", "busybox", "sh", "-c", "echo page >/index.html; httpd -f -h / -p 80")).Succeeded();

        await daemon.CrashAsync();
        await daemon.StartAgainAsync();

        (await daemon.DockerAsync("exec", "stays", "id", "-u")).Succeeded().ShouldBe("0");
        (await daemon.DockerAsync("run", "--rm", "--network", "container:stays", "busybox", "wget", "-qO-", "http://127.0.0.1/")).Succeeded().ShouldBe("page");
        (await daemon.DockerAsync("run", "--rm", "--pid", "container:stays", "busybox", "ps")).Succeeded().ShouldContain("httpd");
        (await daemon.DockerAsync("restart", "-t", "0", "stays")).Succeeded();
        (await daemon.DockerAsync("rm", "-f", "stays")).Succeeded();
        (await daemon.StopAsync()).ShouldBe(0);
        (await File.ReadAllTextAsync("/proc/self/mounts")).ShouldNotContain(daemon.ExecRoot, customMessage: "nothing stays mounted when no container runs");
    }

    [Fact]
    public async Task What_is_the_hosts_has_the_hosts_owners_wherever_it_lies()
    {
        await using var daemon = await StartAsync();
        using var host = new Scratch();
        (await Shell.ShAsync($"chmod 755 {host.Path} && mkdir {host.Path}/empty && chown 230000:230000 {host.Path}/empty")).Succeeded();

        // A directory below the data root by a user's word is the host's as any other: only what the engine puts there is mapped.
        (await daemon.DockerAsync("run", "--rm", "-v", $"{daemon.DataRoot}/volumes:/engine", "busybox", "sh", "-c", "stat -c %u:%g /engine; touch /engine/x")).Ended(1).ShouldSatisfyAllConditions(
            ended => ended.Stdout.Trim().ShouldBe("65534:65534"), ended => ended.Stderr.ShouldContain("Permission denied"));

        // A file system that can show no other owners: the volume has those that it has, as with Docker, in place of a container that does not start.
        (await daemon.DockerAsync("volume", "create", "-o", "type=ramfs", "-o", "device=ramfs", "unmapped")).Succeeded();
        (await daemon.DockerAsync("run", "--rm", "-v", "unmapped:/v", "busybox", "stat", "-c", "%u:%g", "/v")).Succeeded().ShouldBe("65534:65534");
        (await daemon.DockerAsync("volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "mapped")).Succeeded();
        (await daemon.DockerAsync("run", "--rm", "-v", "mapped:/v", "busybox", "sh", "-c", "touch /v/x && stat -c %u:%g /v /v/x")).Succeeded().ShouldBe("0:0\n0:0");

        // What the image has at the place of an empty directory of the host's becomes the container's there, too.
        (await daemon.DockerAsync("volume", "create", "-o", "type=none", "-o", "o=bind", "-o", $"device={host.Path}/empty", "of-the-host")).Succeeded();
        (await daemon.DockerAsync("run", "--rm", "-v", "of-the-host:/etc", "busybox", "sh", "-c", "stat -c %u:%g /etc /etc/passwd && touch /etc/made")).Succeeded().ShouldBe("0:0\n0:0");
        (await Shell.ShAsync($"stat -c %u:%g {host.Path}/empty {host.Path}/empty/passwd {host.Path}/empty/made")).Lines.ShouldAllBe(line => line == "230000:230000");
    }

    private static async Task<Daemon> StartAsync()
    {
        Assert.SkipWhen(Environment.OSVersion.Version < new Version(6, 8), "layers whose owners are mapped need Linux 6.8");
        var daemon = await Daemon.StartAsync(s_option);
        try
        {
            await daemon.LoadAsync("busybox");
            return daemon;
        }
        catch
        {
            await daemon.DisposeAsync();
            throw;
        }
    }
}
