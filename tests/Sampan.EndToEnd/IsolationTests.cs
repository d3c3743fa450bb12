using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

public sealed class IsolationTests(SharedEngine engine) : EngineTest(engine)
{
    private const string DefaultCapabilities = "00000000a80425fb";

    [Theory, MemberData(nameof(Both))]
    public async Task Six_namespaces_are_the_containers_own(string client)
    {
        foreach (var line in (await BusyboxAsync(client, "for n in mnt pid net ipc uts cgroup; do echo $n $(readlink /proc/self/ns/$n); done")).Split('\n'))
        {
            var parts = line.Split(' ');
            parts[1].ShouldStartWith($"{parts[0]}:[");
            parts[1].ShouldNotBe(new FileInfo($"/proc/self/ns/{parts[0]}").LinkTarget);
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task The_program_is_process_1_and_sees_only_its_own(string client)
        => (await BusyboxAsync(client, "echo $$; ls -d /proc/[0-9]* | wc -l")).Split('\n')[0].ShouldBe("1");

    [Theory, MemberData(nameof(Both))]
    public async Task Capabilities_are_dockers_defaults_and_add_and_drop_change_them(string client)
    {
        const string Show = "grep CapBnd /proc/self/status | cut -f2";
        (await BusyboxAsync(client, Show)).ShouldBe(DefaultCapabilities);
        (await BusyboxAsync(client, Show, "--cap-drop", "ALL", "--cap-add", "CHOWN")).ShouldBe("0000000000000001");
        (await BusyboxAsync(client, Show, "--cap-add", "NET_ADMIN")).ShouldBe("00000000a80435fb");
        (await BusyboxAsync(client, "grep CapInh /proc/self/status | cut -f2")).ShouldBe("0000000000000000", "CVE-2022-24769");
        (await BusyboxAsync(client, "grep CapEff /proc/self/status | cut -f2", "-u", "1000")).ShouldBe("0000000000000000");
        (await RunAsync(client, "run", "--rm", "--cap-add", "NO_SUCH", "busybox", "true")).Ended(125).Saying("NO_SUCH");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Seccomp_filters_and_unconfined_does_not(string client)
    {
        (await BusyboxAsync(client, "grep Seccomp: /proc/self/status | cut -f2")).ShouldBe("2");
        (await BusyboxAsync(client, "grep Seccomp: /proc/self/status | cut -f2", "--security-opt", "seccomp=unconfined")).ShouldBe("0");
        // unshare(CLONE_NEWUSER) needs no capability: only the filter can forbid it.
        (await RunAsync(client, "run", "--rm", "busybox", "unshare", "-U", "true")).Failed().Saying("Operation not permitted");
        (await RunAsync(client, "run", "--rm", "--security-opt", "seccomp=unconfined", "busybox", "unshare", "-U", "true")).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task No_new_privileges_is_off_by_default_and_on_by_option(string client)
    {
        (await BusyboxAsync(client, "grep NoNewPrivs /proc/self/status | cut -f2")).ShouldBe("0");
        (await BusyboxAsync(client, "grep NoNewPrivs /proc/self/status | cut -f2", "--security-opt", "no-new-privileges")).ShouldBe("1");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Masked_paths_show_nothing_and_read_only_ones_take_nothing(string client)
    {
        (await BusyboxAsync(client, "cat /proc/kcore /proc/keys /proc/timer_list 2>/dev/null | wc -c; ls -A /proc/acpi /proc/scsi /sys/firmware 2>/dev/null | grep -vc ':'"))
            .Split('\n')[0].ShouldBe("0");
        foreach (var path in new[] { "/proc/sys/kernel/hostname", "/proc/sysrq-trigger", "/sys/kernel/profiling" })
        {
            (await RunAsync(client, "run", "--rm", "busybox", "sh", "-c", $"test ! -e {path} || ! echo x >{path}")).Succeeded(path);
        }

        (await BusyboxAsync(client, "grep -E ' /(sys|proc/sys|proc/bus|proc/fs|proc/irq) ' /proc/mounts | grep -vc '[ ,]ro[ ,]' || true")).ShouldBe("0");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_read_only_container_writes_nowhere_but_in_its_tmpfs(string client)
    {
        (await RunAsync(client, "run", "--rm", "--read-only", "busybox", "touch", "/x")).Failed().Saying("Read-only file system");
        (await BusyboxAsync(client, "touch /run/x /dev/shm/y && echo ok", "--read-only", "--tmpfs", "/run")).ShouldBe("ok");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Devices_are_the_usual_ones_and_no_disk_opens(string client)
    {
        // /dev/core is there where the kernel has /proc/kcore.
        (await BusyboxAsync(client, "ls /dev | grep -vx core")).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)
            .ShouldBe(["fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty", "urandom", "zero"]);
        (await RunAsync(client, "run", "--rm", "busybox", "sh", "-c", "mknod /tmp/kmsg c 1 11 && cat /tmp/kmsg")).Failed().Saying("Operation not permitted");
        (await BusyboxAsync(client, "stat -f -c %T /dev/shm; df -k /dev/shm | tail -1 | awk '{print $2}'")).Split('\n')[1].ShouldBe("65536");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Privileged_has_what_the_daemon_has(string client)
    {
        var own = (await Shell.ShAsync("grep CapEff /proc/self/status | cut -f2")).Text;

        (await BusyboxAsync(client, "grep CapEff /proc/self/status | cut -f2; grep Seccomp: /proc/self/status | cut -f2; mkdir /mnt; mount -t tmpfs none /mnt && echo mounted", "--privileged"))
            .Split('\n').ShouldBe([own, "0", "mounted"], ignoreOrder: false, $"the daemon has {own}");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task No_descriptor_and_no_directory_of_the_host_leaks_in(string client)
    {
        // CVE-2024-21626: a descriptor of the host's file system, or a working directory outside of the root.
        (await BusyboxAsync(client, "ls /proc/self/fd | wc -l; ls -l /proc/1/fd | grep -c -E 'sampan|/sys/fs|containers' || true")).Split('\n').ShouldBe(["4", "0"]);
        (await RunAsync(client, "run", "--rm", "-w", "/proc/self/fd/7", "busybox", "true")).Failed();
        (await BusyboxAsync(client, "grep -c sampan /proc/self/mountinfo || true", "--network", "none")).ShouldNotBe("");
        (await BusyboxAsync(client, "ls / | sort | tr '\\n' ' '")).ShouldBe("bin dev etc home proc root sys tmp usr var");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_numeric_user_is_never_looked_up_as_a_name(string client)
    {
        // CVE-2016-3697: an image that names a user "1000" and gives it uid 0.
        var archive = ImageArchive.OnBusybox().Layer(ImageArchive.File("etc/passwd", "root:x:0:0:root:/:/bin/sh\n1000:x:0:0::/:/bin/sh\n"));
        (await Daemon.ClientWithBytesAsync(client, archive.DockerArchive("numeric:v1"), "load")).Succeeded();

        (await RunAsync(client, "run", "--rm", "-u", "1000", "numeric:v1", "id", "-u")).Succeeded().ShouldBe("1000");
        (await RunAsync(client, "run", "--rm", "-u", "4294967296", "numeric:v1", "id", "-u")).Ended(125);
        (await RunAsync(client, "run", "--rm", "-u", "nobody-here", "numeric:v1", "id")).Ended(125).Saying("unable to find user nobody-here");
        (await RunAsync(client, "rmi", "numeric:v1")).Succeeded();
    }

    [Fact]
    public async Task CVE_2021_41091_directories_of_the_engine_are_closed_to_others()
    {
        await SleeperAsync(Clients.Sampan, NewName("closed"));
        foreach (var directory in new[] { Daemon.DataRoot, Daemon.ExecRoot, Path.Combine(Daemon.ExecRoot, "containers") })
        {
            File.GetUnixFileMode(directory).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, directory);
        }
    }

    /// <summary>As the attack was: a user of the host goes to a program in a container's files that runs as root.</summary>
    [Fact]
    public async Task CVE_2021_41091_CVE_2021_41103_CVE_2024_25621_roots_that_stood_open_are_closed_to_others_without_a_umask_too()
    {
        using var scripts = new Scratch();
        await using var daemon = await Daemon.StartAsync();
        await daemon.StopAsync();
        (await Shell.ShAsync($"chmod 755 {daemon.Root}; chmod 777 {daemon.DataRoot}; mkdir -p {daemon.ExecRoot}; chmod 777 {daemon.ExecRoot}")).Succeeded();
        scripts.Write("sampand", $"#!/bin/sh\numask 0\nexec {daemon.Executable} \"$@\"\n");
        (await Shell.ShAsync($"chmod 755 {scripts.Path}/sampand")).Succeeded();
        daemon.Executable = $"{scripts.Path}/sampand";
        await daemon.StartAgainAsync();
        await daemon.LoadAsync("busybox");
        (await daemon.SampanAsync("run", "-d", "--name", "open", "-v", "kept:/kept", "busybox", "sh", "-c", "cp /bin/busybox /kept/id; chmod 4755 /kept/id; echo open >/kept/file; touch /done; sleep 3600")).Succeeded();
        await Eventually.HoldsAsync("the trap is set", async () => (await daemon.SampanAsync("exec", "open", "ls", "/done")).ExitCode == 0);
        var kept = $"{daemon.DataRoot}/volumes/kept/_data";
        (await Shell.ShAsync($"umask; stat -c %a {kept}/id; cat {kept}/file")).Lines[1..].ShouldBe(["4755", "open"]);

        foreach (var act in new[] { $"ls {daemon.DataRoot}", $"ls {daemon.ExecRoot}", $"cat {kept}/file", $"{kept}/id -u", $"ls {daemon.ExecRoot}/containers", $"cat {daemon.DataRoot}/engine-id", $"curl -sf --unix-socket {daemon.Socket} http://engine/_ping" })
        {
            // By a shell: setpriv itself has the rights of root until it runs something.
            (await Shell.ShAsync($"setpriv --reuid 65534 --regid 65534 --clear-groups sh -c '{act}'")).ExitCode.ShouldNotBe(0, act);
        }

        (await Shell.ShAsync($"setpriv --reuid 65534 --regid 65534 --clear-groups ls {daemon.Root}")).Succeeded("the way to the roots is open");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Namespaces_of_the_host_are_joined_on_request(string client)
    {
        foreach (var (option, name) in new[] { ("--pid", "pid"), ("--ipc", "ipc"), ("--uts", "uts") })
        {
            (await RunAsync(client, "run", "--rm", $"{option}=host", "busybox", "readlink", $"/proc/self/ns/{name}")).Succeeded()
                .ShouldBe(new FileInfo($"/proc/self/ns/{name}").LinkTarget);
        }
    }
}
