using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Attacks on engines that worked elsewhere; docs/security.md says which other tests belong to them.</summary>
public sealed class SecurityCaseTests(SharedEngine engine) : EngineTest(engine)
{
    [Fact]
    public async Task CVE_2025_9074_no_container_reaches_the_engine()
    {
        // Where it listens on nothing but its socket there is nothing to be reached.
        var inodes = Directory.EnumerateFileSystemEntries($"/proc/{Daemon.Pid}/fd").Select(fd => new FileInfo(fd).LinkTarget ?? "").Where(target => target.StartsWith("socket:[", StringComparison.Ordinal)).Select(target => target[8..^1]).ToHashSet();
        var listening = new[] { "tcp", "tcp6" }.SelectMany(table => File.ReadLines($"/proc/{Daemon.Pid}/net/{table}").Skip(1)).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == "0A" && inodes.Contains(fields[9])).Select(fields => fields[1]).ToList();
        listening.ShouldBeEmpty();

        (await BusyboxAsync(Clients.Sampan, $"for port in 2375 2376; do nc -w 2 {Daemon.Subnet}.1 $port < /dev/null && echo open $port; done; echo done")).ShouldBe("done");
    }

    /// <summary>As the attack was: an archive that has to be unpacked, and a program of the container that is called like what unpacks it.</summary>
    [Fact]
    public async Task CVE_2026_41567_an_archive_of_any_kind_is_undone_by_no_program_of_the_containers_or_the_hosts()
    {
        string[] programs = ["gzip", "gunzip", "zcat", "pigz", "unpigz", "xz", "unxz", "xzcat", "bzip2", "bunzip2", "zstd", "unzstd", "zstdcat", "tar"];
        using var host = new Scratch();
        foreach (var program in programs)
        {
            host.Write($"bin/{program}", $"#!/bin/sh\necho {program} >>{host.Path}/ran\n");
        }

        (await Shell.ShAsync($"chmod 755 {host.Path}/bin/*; mkdir {host.Path}/in; echo content >{host.Path}/in/file")).Succeeded();
        await using var daemon = await Daemon.StartWithAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = $"{host.Path}/bin:{Environment.GetEnvironmentVariable("PATH")}" });
        await daemon.LoadAsync("busybox");
        (await daemon.SampanAsync("run", "-d", "--name", "hostile", "busybox", "sh", "-c",
            $"mkdir -p /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin; for p in {string.Join(' ', programs)}; do for d in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin; do rm -f $d/$p; printf '#!/bin/sh\necho x >>/ran\n' >$d/$p; chmod 755 $d/$p; done; done; touch /done; sleep 3600")).Succeeded();
        await Eventually.HoldsAsync("the traps are set", async () => (await daemon.SampanAsync("exec", "hostile", "ls", "/done")).ExitCode == 0);

        foreach (var packer in new[] { "gzip", "xz", "bzip2", "zstd" })
        {
            (await Shell.ShAsync($"mv {host.Path}/in/file {host.Path}/in/{packer}; tar -C {host.Path}/in -cf - {packer} | {packer} -c >{host.Path}/archive; mv {host.Path}/in/{packer} {host.Path}/in/file; {packer} -c <{Checkout.Image("busybox")} >{host.Path}/image")).Succeeded();
            (await daemon.ClientWithBytesAsync(Clients.Docker, await File.ReadAllBytesAsync($"{host.Path}/archive"), "cp", "-", "hostile:/tmp")).Succeeded(packer);
            (await daemon.DockerAsync("exec", "hostile", "cat", $"/tmp/{packer}")).Succeeded().ShouldBe("content");
            (await daemon.DockerAsync("import", $"{host.Path}/archive", $"imported:{packer}")).Succeeded(packer);
            (await daemon.DockerAsync("load", "-i", $"{host.Path}/image")).Succeeded(packer);
        }

        File.Exists($"{host.Path}/ran").ShouldBeFalse("a program of the host was run");
        (await daemon.DockerAsync("exec", "hostile", "ls", "/ran")).Failed();
        // The traps do close.
        (await daemon.DockerAsync("exec", "hostile", "xz")).Succeeded();
        (await daemon.DockerAsync("exec", "hostile", "ls", "/ran")).Succeeded();
    }

    [Fact]
    public async Task CVE_2019_13509_secrets_are_in_no_log_of_the_engine()
    {
        const string Secret = "not-for-the-log";
        await using var daemon = await Daemon.StartAsync("--debug");
        await daemon.LoadAsync("busybox");

        (await daemon.SampanAsync("run", "--rm", "-e", $"PASSWORD={Secret}", "--label", $"token={Secret}", "busybox", "true")).Succeeded();
        (await daemon.SampanAsync("login", "-u", "someone", "-p", Secret, "127.0.0.1:1")).Failed();
        (await daemon.SampanAsync("run", "-d", "--name", "named", "busybox", "sleep", "3600")).Succeeded();
        (await daemon.SampanAsync("exec", "-e", $"PASSWORD={Secret}", "named", "true")).Succeeded();
        using var context = new Scratch();
        context.Write("Dockerfile", "FROM busybox\nARG TOKEN\nRUN --mount=type=secret,id=key test -n \"$TOKEN\" && test -s /run/secrets/key\n");
        context.Write("key", Secret);
        (await daemon.SampanAsync("build", "-q", "--build-arg", $"TOKEN={Secret}", "--secret", $"id=key,src={context.Path}/key", context.Path)).Succeeded();
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""{"username":"someone","password":"{{Secret}}","serveraddress":"127.0.0.1:1"}"""));
        using var pull = new HttpRequestMessage(HttpMethod.Post, "images/create?fromImage=127.0.0.1:1/none&tag=1") { Headers = { { "X-Registry-Auth", credentials } } };
        using (await daemon.Http.SendAsync(pull))
            await Eventually.HoldsAsync("the calls are in the log", () => new[] { "/containers/create", "/auth", "/exec", "/build", "/images/create" }.All(call => daemon.Log.Contains(call, StringComparison.Ordinal)));

        daemon.Log.ShouldNotContain(Secret);
        daemon.Log.ShouldNotContain(credentials[..40]);
        daemon.Log.ShouldNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes($"someone:{Secret}"))[..20]);
    }

    [Fact]
    public async Task CVE_2023_25173_groups_are_those_of_the_user_and_those_asked_for()
    {
        (await BusyboxAsync(Clients.Sampan, "id -G", "--user", "1000:1001")).ShouldBe("1001");
        (await BusyboxAsync(Clients.Sampan, "id -G", "--user", "1000:1001", "--group-add", "44")).Split(' ').Select(group => int.Parse(group, CultureInfo.InvariantCulture)).ShouldBe([1001, 44]);
    }

    [Fact]
    public async Task CVE_2020_15257_with_the_hosts_network_and_processes_a_container_reaches_neither_engine_nor_supervisor()
    {
        var watched = NewName("watched");
        await SleeperAsync(Clients.Sampan, watched);
        var supervisor = await SupervisorAsync(Daemon, watched);

        // Abstract sockets belong to networks: who has the host's has them all.
        foreach (var process in new[] { Daemon.Pid, supervisor })
        {
            var sockets = Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Select(fd => new FileInfo(fd).LinkTarget ?? "").Where(target => target.StartsWith("socket:[", StringComparison.Ordinal)).Select(target => target[8..^1]).ToHashSet();
            sockets.ShouldNotBeEmpty();
            File.ReadLines("/proc/net/unix").Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(fields => sockets.Contains(fields[6]) && fields.Length > 7)
                .Select(fields => fields[7]).ShouldAllBe(path => path.StartsWith('/'));
        }

        var seen = await BusyboxAsync(Clients.Sampan, $"for p in {Daemon.Pid} {supervisor}; do [ -d /proc/$p ] && echo there; ls /proc/$p/root /proc/$p/cwd/ && echo open; cat /proc/$p/environ /proc/$p/maps && echo open; readlink /proc/$p/exe /proc/$p/fd/0 && echo open; done 2>/dev/null; true", "--network", "host", "--pid", "host");
        seen.Split('\n').ShouldBe(["there", "there"], customMessage: "it sees the processes, and nothing of what they have");
    }

    [Fact]
    public async Task CVE_2022_31030_CVE_2022_23471_CVE_2025_64329_output_that_nobody_reads_and_clients_that_go_away_cost_nothing()
    {
        const long Bytes = 500_000_000;
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        (await daemon.DockerAsync("run", "-d", "--name", "watched", "busybox", "sleep", "3600")).Succeeded();
        (await daemon.DockerAsync("exec", "watched", "true")).Succeeded();
        int[] processes = [daemon.Pid, await SupervisorAsync(daemon, "watched")];
        var peaks = processes.Select(Peak).ToList();

        // Of a detached one nobody wants the output; of the other one somebody wants it who does not read.
        (await daemon.DockerAsync("exec", "-d", "watched", "sh", "-c", $"head -c {Bytes} /dev/zero; touch /detached")).Succeeded();
        await Eventually.HoldsAsync("all was said to nobody", async () => (await daemon.DockerAsync("exec", "watched", "ls", "/detached")).ExitCode == 0);
        using (await AskAsync(daemon, "exec", $$"""{"AttachStdout":true,"Cmd":["sh","-c","head -c {{Bytes}} /dev/zero; touch /deaf"]}"""))
            await Eventually.HoldsAsync("it runs", async () => (await daemon.DockerAsync("exec", "watched", "sh", "-c", "pidof head")).ExitCode == 0 || (await daemon.DockerAsync("exec", "watched", "ls", "/deaf")).ExitCode == 0);
        await Eventually.HoldsAsync("when that client is gone, it ends", async () => (await daemon.DockerAsync("exec", "watched", "sh", "-c", "pidof head")).ExitCode != 0);
        foreach (var (process, peak) in processes.Zip(peaks))
            (Peak(process) - peak).ShouldBeLessThan(Bytes / 5, $"{process}");

        // Those that attach, or ask for a terminal, and go away at once.
        var descriptors = processes.Select(Descriptors).ToList();
        for (var i = 0; i < 40; i++)
        {
            (await AskAsync(daemon, "attach", null)).Dispose();
            (await AskAsync(daemon, "exec", """{"AttachStdin":true,"AttachStdout":true,"Tty":true,"Cmd":["cat"]}""")).Dispose();
        }

        await daemon.DockerAsync("exec", "watched", "killall", "cat");
        await Eventually.HoldsAsync("no descriptor is left over", () => processes.Zip(descriptors).All(pair => Descriptors(pair.First) <= pair.Second + 8));
    }

    [Fact]
    public async Task CVE_2026_53488_CVE_2026_53489_CVE_2026_94603_what_an_image_says_of_itself_configures_nothing()
    {
        using var context = new Scratch();
        var image = $"hostile-{NewName("image")}";
        context.Write("Dockerfile", """
            FROM busybox
            LABEL sampan.service=db sampan.gateway.host=* io.sampan.restart-delay=0 containerd.io/restart.loguri=binary:///bin/sh org.systemd.property.SuccessAction=reboot \
                  io.podman.annotations.privileged=TRUE io.podman.annotations.seccomp=unconfined org.criu.checkpoint.container.name=c
            """);
        string[] notes = ["org.criu.checkpoint.container.name=c", "io.kubernetes.cri-o.annotations.checkpoint.name=c", "io.podman.annotations.privileged=TRUE", "run.oci.handler=krun", "cdi.k8s.io/x=vendor.com/device=all"];
        (await Daemon.SampanAsync(["build", "-q", "-t", image, .. notes.SelectMany(note => new[] { "--annotation", note }), context.Path])).Succeeded();
        const string Confined = "grep -E '^(Cap|Seccomp:|NoNewPrivs)' /proc/self/status; ls /dev; id";

        foreach (var client in new[] { Clients.Docker, Clients.Sampan })
        {
            (await Daemon.ClientAsync(client, "run", "--rm", image, "sh", "-c", Confined)).Succeeded().ShouldBe(await BusyboxAsync(client, Confined));
            var name = NewName("hostile");
            (await Daemon.ClientAsync(client, "create", "--name", name, image, "true")).Succeeded();
            (await InspectAsync(client, name, "{{.HostConfig.Privileged}} {{.HostConfig.LogConfig.Type}} {{.HostConfig.Runtime}}")).ShouldBe("false json-file sampan-runtime");
            var host = await InspectAsync(client, name, "{{json .HostConfig}}");
            string[] words = ["podman", "criu", "checkpoint", "krun", "vendor.com", "binary:", "systemd"];
            words.Where(word => host.Contains(word, StringComparison.Ordinal)).ShouldBeEmpty(host);
            (await InspectAsync(client, name, "{{json .Config.Labels}}")).ShouldNotContain("sampan.");
        }
    }

    private static async Task<int> SupervisorAsync(Daemon daemon, string container)
    {
        var init = (await daemon.DockerAsync("inspect", "-f", "{{.State.Pid}}", container)).Succeeded();
        return int.Parse(File.ReadLines($"/proc/{init}/status").Single(line => line.StartsWith("PPid:", StringComparison.Ordinal))[5..], CultureInfo.InvariantCulture);
    }

    // Asks for a stream, and does not read it.
    private static async Task<Socket> AskAsync(Daemon daemon, string what, string? exec)
    {
        var path = "/containers/watched/attach?stream=1&stdout=1&stdin=1";
        if (exec is not null)
        {
            var (status, body) = await daemon.SendAsync(HttpMethod.Post, "/containers/watched/exec", exec);
            status.ShouldBe(201, body);
            path = $"/exec/{JsonNode.Parse(body)!["Id"]}/start";
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(daemon.Socket));
        const string Start = "{\"Detach\":false}";
        await socket.SendAsync(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json\r\nContent-Length: {(exec is null ? 0 : Start.Length)}\r\n\r\n{(exec is null ? "" : Start)}"));
        var head = new byte[12];
        (await socket.ReceiveAsync(head)).ShouldBe(head.Length);
        Encoding.ASCII.GetString(head).ShouldBe("HTTP/1.1 101", what);
        return socket;
    }

    // VmHWM:	  123456 kB
    private static long Peak(int process) => 1024 * long.Parse(File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    private static int Descriptors(int process) => Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Count();
}
