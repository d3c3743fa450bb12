using System.Buffers.Binary;
using System.Text;
using Sampan.Linux.Cgroups;
using Sampan.Oci.Runtime;
using Sampan.Runtime;

namespace Sampan.Kernel.Tests.Runtime;

/// <summary>The life of a container under its supervisor, as the engine sees it.</summary>
public sealed class SupervisorTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_container_runs_and_tells_its_exit_code_and_output()
    {
        await using var container = new TestContainer(null, "sh", "-c", "echo out; echo err >&2; hostname; exit 7");
        var (exit, output) = await container.RunAsync();
        exit.ExitCode.ShouldBe(7, exit.Error);
        exit.Error.ShouldBeNull();
        exit.Signal.ShouldBeNull();
        exit.OomKilled.ShouldBeFalse();
        container.ReadLog("stdout").ShouldBe("out\nbox\n");
        container.ReadLog("stderr").ShouldBe("err\n");
        output.Length.ShouldBe("out\nbox\nerr\n".Length);
        SupervisorClient.ReadExit(container.State).ShouldBe(exit);
        CgroupHost.Detect().Exists(container.Spec.Linux!.CgroupsPath!).ShouldBeFalse();
        File.Exists(container.State + "/supervisor.sock").ShouldBeFalse();
    }

    [Theory]
    [InlineData(127, "exec: \"nothere\": executable file not found in $PATH", "nothere")]
    [InlineData(127, "exec: \"/nothere\": stat /nothere: no such file or directory", "/nothere")]
    [InlineData(126, "exec: \"/etc\": is a directory", "/etc")]
    [InlineData(126, "exec: \"/etc/plain\": permission denied", "/etc/plain")]
    public async Task A_program_that_cannot_run_is_refused_in_Dockers_words(int code, string message, string program)
    {
        await using var container = new TestContainer(null, program);
        File.WriteAllText(container.Image + "/etc/plain", "x");
        var client = await container.CreateAsync();
        var failure = await Should.ThrowAsync<StartFailedException>(() => client.StartAsync(Ct));
        failure.ExitCode.ShouldBe(code);
        failure.Message.ShouldBe(message);
        await client.Exited;
    }

    [Fact]
    public async Task A_missing_working_directory_is_refused()
    {
        await using var container = new TestContainer(spec => spec.WithProcess(process => process with { Cwd = "/no/where" }), "true");
        var client = await container.CreateAsync();
        var failure = await Should.ThrowAsync<StartFailedException>(() => client.StartAsync(Ct));
        failure.Message.ShouldBe("chdir to cwd (\"/no/where\") set in config.json failed: no such file or directory");
        failure.ExitCode.ShouldBe(127);
        await client.Exited;
    }

    [Fact]
    public async Task A_step_that_fails_is_named_and_nothing_is_left()
    {
        await using var container = new TestContainer(
            spec => spec with { Mounts = [.. spec.Mounts, new Mount { Destination = "/x", Type = "bind", Source = "/no/such/source", Options = ["bind"] }] }, "true");
        var failure = await Should.ThrowAsync<RuntimeException>(() => container.CreateAsync());
        failure.Step.ShouldBe("mounts");
        failure.Message.ShouldContain("/no/such/source");
        failure.Message.ShouldContain("ENOENT");
        CgroupHost.Detect().Exists(container.Spec.Linux!.CgroupsPath!).ShouldBeFalse();
    }

    [Fact]
    public async Task A_launch_that_is_given_up_leaves_nothing()
    {
        var host = CgroupHost.Detect();
        for (var given = 0; given < 3;)
        {
            await using var container = new TestContainer(null, "true");
            var group = container.Spec.Linux!.CgroupsPath!;
            using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Ct);
            var launching = container.CreateAsync(giveUp.Token);
            while (!host.Exists(group) && !launching.IsCompleted)
                await Task.Yield();
            await giveUp.CancelAsync();
            try
            {
                await launching; // it was faster: once more
            }
            catch (OperationCanceledException)
            {
                given++;
                host.Exists(group).ShouldBeFalse();
                File.Exists(container.State + "/supervisor.sock").ShouldBeFalse();
            }
        }
    }

    [Fact]
    public async Task What_is_not_supported_is_refused_by_name_all_at_once()
    {
        await using var container = new TestContainer(
            spec => spec with { Linux = spec.Linux! with { IntelRdt = new IntelRdt(), MemoryPolicy = new MemoryPolicy { Mode = "MPOL_BIND" } } }, "true");
        var failure = await Should.ThrowAsync<RuntimeException>(() => container.CreateAsync());
        failure.Message.ShouldContain("linux.intelRdt: is not supported");
        failure.Message.ShouldContain("linux.memoryPolicy: is not supported");
    }

    [Fact]
    public async Task A_signal_ends_a_container()
    {
        await using var container = new TestContainer(null, "sh", "-c", "trap 'exit 3' TERM; echo up; while :; do sleep 0.05; done");
        var client = await container.CreateAsync();
        await client.StartAsync(Ct);
        (await client.WaitLogAsync(0, Ct)).ShouldBeGreaterThan(0);
        await client.SignalAsync(15, all: false, Ct);
        (await client.Exited).ExitCode.ShouldBe(3);
        (await client.WaitLogAsync(1 << 20, Ct)).ShouldBe(-1);
    }

    [Fact]
    public async Task Killing_a_container_is_seen()
    {
        await using var container = new TestContainer(null, "sleep", "1000");
        var client = await container.CreateAsync();
        await client.StartAsync(Ct);
        await client.SignalAsync(9, all: true, Ct);
        var exit = await client.Exited;
        exit.ExitCode.ShouldBe(137);
        exit.Signal.ShouldBe(9);
    }

    [Fact]
    public async Task A_container_out_of_memory_is_killed_and_it_is_said()
    {
        await using var container = new TestContainer(
            spec => spec with { Linux = spec.Linux! with { Resources = spec.Linux.Resources! with { Memory = new Oci.Runtime.MemoryLimits { Limit = 16 * 1024 * 1024, Swap = 16 * 1024 * 1024 } } } },
            "dd", "if=/dev/zero", "of=/dev/null", "bs=200M", "count=1");
        var (exit, _) = await container.RunAsync();
        exit.ExitCode.ShouldBe(137);
        exit.OomKilled.ShouldBeTrue();
    }

    [Fact]
    public async Task Attached_streams_are_framed_and_end_with_the_container()
    {
        await using var container = new TestContainer(null, "sh", "-c", "cat; echo done >&2");
        container.Launch = container.Launch with { OpenStdin = true, StdinOnce = true };
        var client = await container.CreateAsync();
        await using var stream = await client.AttachAsync(new AttachRequest { Stdin = true, Stdout = true, Stderr = true }, Ct);
        await client.StartAsync(Ct);
        await stream.WriteAsync("hello\n"u8.ToArray(), Ct);
        await stream.CloseWriteAsync();
        var (stdout, stderr) = await ReadFramesAsync(stream);
        stdout.ShouldBe("hello\n");
        stderr.ShouldBe("done\n");
        (await client.Exited).ExitCode.ShouldBe(0);
    }

    [Trait("guest", "long")]
    [Fact]
    public async Task Much_output_reaches_a_slow_client_whole_and_the_log_too()
    {
        await using var container = new TestContainer(null, "seq", "1", "200000");
        var client = await container.CreateAsync();
        await using var stream = await client.AttachAsync(new AttachRequest { Stdout = true }, Ct);
        await client.StartAsync(Ct);
        var (stdout, _) = await ReadFramesAsync(stream);
        var expected = new StringBuilder();
        for (var i = 1; i <= 200000; i++)
            expected.Append(i).Append('\n');
        (stdout == expected.ToString()).ShouldBeTrue();
        await client.Exited;
        (container.ReadLog() == expected.ToString()).ShouldBeTrue();
    }

    [Fact]
    public async Task A_terminal_echoes_has_a_size_and_is_resized()
    {
        await using var container = new TestContainer(
            spec => spec.WithProcess(process => process with { Terminal = true, ConsoleSize = new ConsoleSize { Height = 30, Width = 90 } }), "sh");
        container.Launch = container.Launch with { OpenStdin = true };
        var client = await container.CreateAsync();
        await using var stream = await client.AttachAsync(new AttachRequest { Stdin = true, Stdout = true }, Ct);
        await client.StartAsync(Ct);
        await stream.WriteAsync("stty size; tty\n"u8.ToArray(), Ct);
        await ReadUntilAsync(stream, "/dev/pts/0");
        await client.ResizeAsync(50, 132, Ct);
        await stream.WriteAsync("stty size; ls -l /dev/console; exit 4\n"u8.ToArray(), Ct);
        var text = await ReadUntilAsync(stream, null);
        text.ShouldContain("50 132");
        (await client.Exited).ExitCode.ShouldBe(4);
        container.ReadLog().ShouldContain("30 90");
    }

    [Fact]
    public async Task An_exec_runs_inside_and_tells_its_exit()
    {
        await using var container = new TestContainer(null, "sleep", "1000");
        var client = await container.CreateAsync();
        await client.StartAsync(Ct);
        await using var exec = await client.ExecAsync(Exec("e1", "sh", "-c", "hostname; cat; cat /proc/1/comm; exit 5"), Ct);
        await exec.Stream!.WriteAsync("typed\n"u8.ToArray(), Ct);
        await exec.Stream.CloseWriteAsync();
        var (stdout, _) = await ReadFramesAsync(exec.Stream);
        var lines = stdout.Split('\n');
        lines[0].ShouldBe("box");
        lines[1].ShouldBe("typed");
        lines[2].ShouldBe("sleep");
        (await exec.Exited).ExitCode.ShouldBe(5);
        (await Should.ThrowAsync<StartFailedException>(() => client.ExecAsync(Exec("e2", "nothere"), Ct))).ExitCode.ShouldBe(127);
    }

    [Fact]
    public async Task An_exec_counts_in_the_containers_cgroup_and_dies_with_it()
    {
        await using var container = new TestContainer(null, "sleep", "1000");
        var client = await container.CreateAsync();
        await client.StartAsync(Ct);
        await using var exec = await client.ExecAsync(Exec("c", "sleep", "1000"), Ct);
        var path = container.Spec.Linux!.CgroupsPath!;
        File.ReadAllLines($"/proc/{exec.Pid}/cgroup").Count(line => line.EndsWith(path, StringComparison.Ordinal))
            .ShouldBe(File.ReadAllLines($"/proc/{client.InitPid}/cgroup").Count(line => line.EndsWith(path, StringComparison.Ordinal)));
        await client.SignalAsync(9, all: false, Ct);
        await client.Exited;
        (await exec.Exited).ExitCode.ShouldBe(137);
    }

    [Fact]
    public async Task The_log_rotates_by_size_and_loses_no_line()
    {
        await using var container = new TestContainer(null, "seq", "1", "2000");
        container.Launch = container.Launch with { LogMaxBytes = 32 * 1024, LogMaxFiles = 100 };
        await container.RunAsync();
        var files = Directory.GetFiles(container.Base, "log.json*").OrderByDescending(file => file.Length).ThenByDescending(file => file, StringComparer.Ordinal).ToArray();
        files.Length.ShouldBeGreaterThan(3);
        foreach (var file in files)
            new FileInfo(file).Length.ShouldBeLessThanOrEqualTo(32 * 1024);
        var lines = files.SelectMany(File.ReadLines).Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("log").GetString());
        lines.ShouldBe(Enumerable.Range(1, 2000).Select(number => number + "\n"));
    }

    [Fact]
    public async Task What_is_no_message_ends_the_connection_and_not_the_container()
    {
        await using var container = new TestContainer(null, "sleep", "1000");
        var client = await container.CreateAsync();
        await client.StartAsync(Ct);
        foreach (var noise in new byte[][] { [0xff, 0xff, 0xff, 0x7f, 1, 0, 0, 0, 24, 0, 0, 0], [4, 0, 0, 0, 1, 0, 0, 0, 24, 0, 0, 0, 9, 9, 9, 9], [0, 0, 0, 0, 1, 0, 0, 0, 99, 0, 0, 0], [1, 2, 3] })
        {
            using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
            await socket.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(container.State + "/supervisor.sock"), Ct);
            await socket.SendAsync(noise, Ct);
        }
        await using var exec = await client.ExecAsync(Exec("after", "true"), Ct);
        (await exec.Exited).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task CVE_2020_15257_the_socket_is_a_path_that_only_its_owner_may_open()
    {
        await using var container = new TestContainer(null, "sleep", "1000");
        await container.CreateAsync();
        File.GetUnixFileMode(container.State + "/supervisor.sock").ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.ReadAllLines("/proc/net/unix").ShouldNotContain(line => line.Contains(" @") && line.Contains("sampan"));
    }

    [Fact]
    public async Task An_exec_with_a_terminal_is_interactive()
    {
        await using var container = new TestContainer(null, "sleep", "1000");
        var client = await container.CreateAsync();
        await client.StartAsync(Ct);
        var launch = Exec("t1", "sh");
        await using var exec = await client.ExecAsync(launch with { Process = launch.Process with { Terminal = true } }, Ct);
        await exec.ResizeAsync(11, 22, Ct);
        await exec.Stream!.WriteAsync("stty size; tty; exit 6\n"u8.ToArray(), Ct);
        var text = await ReadUntilAsync(exec.Stream, null);
        text.ShouldContain("11 22");
        text.ShouldContain("/dev/pts/");
        (await exec.Exited).ExitCode.ShouldBe(6);
    }

    [Fact]
    public async Task A_container_outlives_its_client_and_is_found_again()
    {
        await using var container = new TestContainer(null, "sh", "-c", "while ! test -e /go; do sleep 0.02; done; exit 9");
        var first = await container.CreateAsync();
        await first.StartAsync(Ct);
        await using var second = await SupervisorClient.ConnectAsync(container.State, Ct);
        second.ShouldNotBeNull();
        second.Started.ShouldBeTrue();
        second.InitPid.ShouldBe(first.InitPid);
        await using var exec = await second.ExecAsync(Exec("go", "touch", "/go"), Ct);
        (await second.Exited).ExitCode.ShouldBe(9);
        await first.Exited;
        (await SupervisorClient.ConnectAsync(container.State, Ct)).ShouldBeNull();
        SupervisorClient.ReadExit(container.State)!.ExitCode.ShouldBe(9);
    }

    [Fact]
    public async Task Killing_the_supervisor_kills_the_container_and_is_told()
    {
        await using var container = new TestContainer(null, "sleep", "1000");
        var client = await container.CreateAsync();
        await client.StartAsync(Ct);
        using var init = Linux.Processes.PidFd.Open(client.InitPid);
        using (var supervisor = Linux.Processes.PidFd.Open(client.SupervisorPid))
            supervisor.Send(9);
        var exit = await client.Exited;
        exit.ExitCode.ShouldBe(255);
        exit.Error.ShouldNotBeNull().ShouldContain("unexpectedly");
        init.WaitEnded(TimeSpan.FromSeconds(10)).ShouldBeTrue();
        CgroupHost.Detect().Exists(container.Spec.Linux!.CgroupsPath!).ShouldBeFalse();
    }

    [Fact]
    public async Task A_paused_container_stands_still_until_resumed()
    {
        await using var container = new TestContainer(null, "sh", "-c", "while :; do echo tick; sleep 0.02; done");
        var client = await container.CreateAsync();
        await client.StartAsync(Ct);
        await client.WaitLogAsync(0, Ct);
        await client.PauseAsync(Ct);
        using var cgroup = CgroupHost.Detect().Open(container.Spec.Linux!.CgroupsPath!);
        cgroup.IsFrozen.ShouldBeTrue();
        (await Should.ThrowAsync<RuntimeException>(() => client.ExecAsync(Exec("p", "true"), Ct))).Message.ShouldContain("paused");
        await client.ResumeAsync(Ct);
        cgroup.IsFrozen.ShouldBeFalse();
        var now = await client.WaitLogAsync(-1, Ct);
        (await client.WaitLogAsync(now, Ct)).ShouldBeGreaterThan(now);
    }

    [Fact]
    public async Task Limits_change_while_a_container_runs()
    {
        await using var container = new TestContainer(null, "sleep", "1000");
        var client = await container.CreateAsync();
        await client.StartAsync(Ct);
        await client.UpdateAsync(new Resources { Pids = new PidsLimit { Limit = 33 } }, Ct);
        var host = CgroupHost.Detect();
        var directory = host.Layout.Find("pids")?.MountPoint ?? host.Layout.UnifiedMountPoint!;
        File.ReadAllText($"{directory}{container.Spec.Linux!.CgroupsPath}/pids.max").Trim().ShouldBe("33");
    }

    internal static ExecLaunch Exec(string id, params string[] args) => new()
    {
        ExecId = id,
        Process = new OciProcess { Args = args, Env = ["PATH=/bin"], Cwd = "/" },
        Stdin = true,
        Stdout = true,
        Stderr = true,
    };

    private static async Task<(string Stdout, string Stderr)> ReadFramesAsync(Stream stream)
    {
        using var stdout = new MemoryStream();
        using var stderr = new MemoryStream();
        var header = new byte[8];
        while (await stream.ReadAtLeastAsync(header, 8, throwOnEndOfStream: false, Ct) == 8)
        {
            var body = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4))];
            await stream.ReadExactlyAsync(body, Ct);
            (header[0] == 2 ? stderr : stdout).Write(body);
        }
        return (Encoding.UTF8.GetString(stdout.ToArray()), Encoding.UTF8.GetString(stderr.ToArray()));
    }

    private static async Task<string> ReadUntilAsync(Stream stream, string? end)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (end is null || !text.ToString().Contains(end, StringComparison.Ordinal))
        {
            var count = await stream.ReadAsync(buffer, Ct);
            if (count == 0)
                break;
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
        return text.ToString();
    }
}
