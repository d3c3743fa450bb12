using Sampan.Oci.Runtime;
using Sampan.Runtime;

namespace Sampan.Kernel.Tests.Runtime;

/// <summary>What a container's process is allowed and told: user, limits, capabilities, descriptors, directory.</summary>
public sealed class ProcessAttributeTests
{
    [Fact]
    public async Task User_groups_umask_limits_and_oom_score_are_exactly_those_asked_for()
    {
        await using var container = new TestContainer(
            spec => spec.WithProcess(process => process with
            {
                User = new OciUser { Uid = 1234, Gid = 55, AdditionalGids = [7, 9], Umask = 0x3f /* 0077 */ },
                Rlimits = [new Rlimit { Type = "RLIMIT_NOFILE", Soft = 100, Hard = 200 }],
                OomScoreAdj = 321,
            }),
            "sh", "-c", "id -u; id -g; id -G; umask; ulimit -Sn; ulimit -Hn; cat /proc/self/oom_score_adj");
        (await container.RunAsync()).Output.ShouldBe("1234\n55\n55 7 9\n0077\n100\n200\n321\n");
    }

    [Fact]
    public async Task A_user_who_is_not_root_can_reopen_his_streams_and_has_no_capabilities()
    {
        await using var container = new TestContainer(
            spec => spec.WithProcess(process => process with { User = new OciUser { Uid = 1000, Gid = 1000 } }),
            "sh", "-c", "echo reopened > /dev/stderr; grep -E 'Cap(Inh|Prm|Eff|Amb)' /proc/self/status");
        (await container.RunAsync()).Exit.ExitCode.ShouldBe(0);
        container.ReadLog("stderr").ShouldBe("reopened\n");
        container.ReadLog("stdout").ShouldBe("CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapAmb:\t0000000000000000\n");
    }

    [Fact]
    public async Task CVE_2022_24769_the_inheritable_set_is_empty_unless_asked_for()
    {
        await using var container = new TestContainer(null, "grep", "CapInh", "/proc/self/status");
        (await container.RunAsync()).Output.ShouldBe("CapInh:\t0000000000000000\n");
    }

    [Fact]
    public async Task Ambient_capabilities_reach_a_user_who_is_not_root()
    {
        string[] bind = ["CAP_NET_BIND_SERVICE"];
        await using var container = new TestContainer(
            spec => spec.WithProcess(process => process with
            {
                User = new OciUser { Uid = 1000 },
                Capabilities = new CapabilitySets { Bounding = bind, Permitted = bind, Effective = bind, Inheritable = bind, Ambient = bind },
            }),
            "grep", "CapEff", "/proc/self/status");
        (await container.RunAsync()).Output.ShouldBe("CapEff:\t0000000000000400\n");
    }

    [Fact]
    public async Task No_new_privileges_is_set_only_when_asked_for()
    {
        await using var without = new TestContainer(null, "grep", "NoNewPrivs", "/proc/self/status");
        (await without.RunAsync()).Output.ShouldBe("NoNewPrivs:\t0\n");
        await using var with = new TestContainer(spec => spec.WithProcess(process => process with { NoNewPrivileges = true }), "grep", "NoNewPrivs", "/proc/self/status");
        (await with.RunAsync()).Output.ShouldBe("NoNewPrivs:\t1\n");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_default_filter_is_in_force_for_the_container_and_its_execs(bool noNewPrivileges)
    {
        await using var container = new TestContainer(spec => spec.WithProcess(process => process with { NoNewPrivileges = noNewPrivileges }), "sleep", "1000");
        container.Launch = container.Launch with { SeccompProfile = "default" };
        var client = await container.CreateAsync();
        await client.StartAsync(TestContext.Current.CancellationToken);
        File.ReadAllText($"/proc/{client.InitPid}/status").ShouldContain("Seccomp:\t2");
        await using var exec = await client.ExecAsync(SupervisorTests.Exec("s", "sleep", "1000"), TestContext.Current.CancellationToken);
        File.ReadAllText($"/proc/{exec.Pid}/status").ShouldContain("Seccomp:\t2");
    }

    [Fact]
    public async Task CVE_2024_21626_no_descriptor_of_the_host_is_open_in_the_program()
    {
        await using var container = new TestContainer(null, "sh", "-c", "ls /proc/self/fd | wc -l; ls -l /proc/1/fd");
        var (_, output) = await container.RunAsync();
        output.ShouldStartWith("4\n"); // 0, 1, 2 and the directory that ls reads
        output.ShouldNotContain("/sampan");
        output.ShouldNotContain("socket:");
    }

    [Fact]
    public async Task CVE_2024_21626_a_working_directory_by_descriptor_is_refused()
    {
        for (var number = 3; number < 16; number++)
        {
            await using var container = new TestContainer(spec => spec.WithProcess(process => process with { Cwd = $"/proc/self/fd/{number}" }), "pwd");
            var client = await container.CreateAsync();
            await Should.ThrowAsync<StartFailedException>(() => client.StartAsync(TestContext.Current.CancellationToken));
            await client.Exited;
        }
    }

    [Theory]
    [InlineData("CVE-2016-9962", "CAP_KILL", "m=$(cat $p/maps 2>/dev/null); case \"$m\" in *sampan*|*memfd*) echo LEAK;; esac")]
    [InlineData("CVE-2019-5736", "CAP_SYS_PTRACE", "echo x 2>/dev/null > $p/exe && echo LEAK")]
    public async Task A_process_that_enters_is_closed_to_those_of_the_container(string cve, string capability, string attack)
    {
        // Root in the container looks for processes that are not its own program while they enter: their memory map and descriptors must be closed,
        // and even with CAP_SYS_PTRACE, which opens those, the program behind them cannot be written.
        string[] capabilities = [capability];
        await using var container = new TestContainer(
            spec => spec.WithProcess(process => process with { Capabilities = new CapabilitySets { Bounding = capabilities, Permitted = capabilities, Effective = capabilities } }),
            "sh", "-c", $"while :; do for p in /proc/[0-9]*; do grep -q busy $p/maps 2>/dev/null && continue; {attack}; done; done");
        var client = await container.CreateAsync();
        await client.StartAsync(TestContext.Current.CancellationToken);
        for (var i = 0; i < 20; i++)
        {
            await using var exec = await client.ExecAsync(SupervisorTests.Exec("e" + i, "true"), TestContext.Current.CancellationToken);
            await exec.Exited;
        }
        container.ReadLog().ShouldNotContain("LEAK", customMessage: cve);
    }

    [Fact]
    public async Task Kernel_parameters_of_the_containers_namespaces_are_set_and_others_refused()
    {
        await using var container = new TestContainer(
            spec => spec with { Linux = spec.Linux! with { Sysctl = new Dictionary<string, string> { ["net.ipv4.ip_forward"] = "1", ["kernel.msgmax"] = "9999" } } },
            "cat", "/proc/sys/net/ipv4/ip_forward", "/proc/sys/kernel/msgmax");
        (await container.RunAsync()).Output.ShouldBe("1\n9999\n");
        await using var refused = new TestContainer(
            spec => spec with { Linux = spec.Linux! with { Sysctl = new Dictionary<string, string> { ["kernel.core_pattern"] = "|/bin/evil" } } }, "true");
        (await Should.ThrowAsync<RuntimeException>(() => refused.CreateAsync())).Message.ShouldContain("'kernel.core_pattern' is not in a namespace of the container");
    }

    [Fact]
    public async Task A_hard_limit_that_may_not_be_raised_is_named()
    {
        await using var container = new TestContainer(
            spec => spec.WithProcess(process => process with { Rlimits = [new Rlimit { Type = "RLIMIT_NOFILE", Soft = 1 << 30, Hard = 1 << 30 }] }), "true");
        var client = await container.CreateAsync();
        var failure = await Should.ThrowAsync<RuntimeException>(() => client.StartAsync(TestContext.Current.CancellationToken));
        failure.Message.ShouldContain("RLIMIT_NOFILE");
        failure.Message.ShouldContain("EPERM");
        await client.Exited;
    }

    [Fact]
    public async Task Signals_are_at_their_defaults()
    {
        await using var container = new TestContainer(null, "grep", "-E", "Sig(Blk|Ign|Cgt)", "/proc/self/status");
        (await container.RunAsync()).Output.ShouldBe("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nSigCgt:\t0000000000000000\n");
    }

    [Fact]
    public async Task Under_the_small_init_orphans_are_reaped_signals_passed_on_and_the_exit_code_kept()
    {
        await using var container = new TestContainer(
            spec => spec with { Annotations = new Dictionary<string, string> { [RuntimeAnnotations.Init] = "true" } },
            "sh", "-c", "trap 'exit 42' TERM; (sh -c 'sleep 0.05 &') ; while ps -o stat,args | grep -q -E '^(Z|[A-Z]+ +sleep)'; do :; done; cat /proc/1/comm; echo up; while :; do sleep 0.02; done");
        var client = await container.CreateAsync();
        await client.StartAsync(TestContext.Current.CancellationToken);
        for (long known = 0; !container.ReadLog().Contains("up", StringComparison.Ordinal);)
            known = await client.WaitLogAsync(known, TestContext.Current.CancellationToken);
        container.ReadLog("stdout").ShouldStartWith("sampan-init\n");
        await client.SignalAsync(15, all: false, TestContext.Current.CancellationToken);
        (await client.Exited).ExitCode.ShouldBe(42);
    }

    [Fact]
    public async Task Under_the_small_init_a_missing_program_is_refused_as_without()
    {
        await using var container = new TestContainer(spec => spec with { Annotations = new Dictionary<string, string> { [RuntimeAnnotations.Init] = "true" } }, "nothere");
        var client = await container.CreateAsync();
        var failure = await Should.ThrowAsync<StartFailedException>(() => client.StartAsync(TestContext.Current.CancellationToken));
        failure.ExitCode.ShouldBe(127);
        await client.Exited;
    }
}
