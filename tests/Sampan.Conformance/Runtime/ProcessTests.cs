using System.Text.Json.Nodes;
using Sampan.Conformance.Harness;

namespace Sampan.Conformance.Runtime;

/// <summary>What the program is told and allowed.</summary>
public sealed class ProcessTests : ConformanceTest
{
    [Fact, Spec("config.md#process")]
    public void Arguments_arrive_as_they_are() => Conforms(() =>
        NewContainer().Runs("sh", "-c", "for a in \"$@\"; do echo \"<$a>\"; done", "sh", "", "a b", "c'd\"e", "ü\tx").Run().Prints("<>\n<a b>\n<c'd\"e>\n<ü\tx>"));

    [Fact, Spec("config.md#process")]
    public void The_environment_is_exactly_the_one_given() => Conforms(() =>
    {
        var container = NewContainer().Runs("env");
        container.Process["env"] = Container.Json("PATH=/bin", "A=1", "WITH=a b=c", "EMPTY=");
        container.Run().Succeeds().Output.Split('\n').Where(line => !line.StartsWith("HOME=", StringComparison.Ordinal)).ShouldBe(["PATH=/bin", "A=1", "WITH=a b=c", "EMPTY="], ignoreOrder: true);
    });

    [Fact, Spec("config.md#process")]
    public void A_program_without_a_slash_is_looked_for_in_its_own_path() => Conforms(() =>
    {
        var container = NewContainer().Runs("tool");
        Directory.CreateDirectory(container.Rootfs + "/opt");
        File.WriteAllText(container.Rootfs + "/opt/tool", "#!/bin/sh\necho found\n");
        File.SetUnixFileMode(container.Rootfs + "/opt/tool", (UnixFileMode)0x1ed);
        container.Process["env"] = Container.Json("PATH=/nowhere:/opt:/bin");
        container.Run().Prints("found");
    });

    [Theory, Spec("runtime.md#errors")]
    [InlineData("no-such-program")]
    [InlineData("/no/such/program")]
    [InlineData("/etc")]
    public void A_program_that_cannot_be_run_is_an_error(string program) => Conforms(() => NewContainer().Runs(program).Run().Fails());

    [Fact, Spec("config.md#process")]
    public void Without_arguments_it_is_an_error() => Conforms(() => NewContainer().Runs().Run().Fails());

    [Fact, Spec("config.md#process")]
    public void The_working_directory_is_the_one_given() => Conforms(() =>
    {
        var container = NewContainer("pwd");
        container.Process["cwd"] = "/tmp";
        container.Run().Prints("/tmp");
    });

    [Fact, Spec("config.md#process")]
    public void A_working_directory_that_is_not_absolute_is_an_error() => Conforms(() =>
    {
        var container = NewContainer();
        container.Process["cwd"] = "tmp";
        container.Run().Fails();
    });

    [Fact, Spec("config.md#posix-platform-user")]
    public void The_user_and_groups_are_exactly_those_given() => Conforms(() =>
    {
        var container = NewContainer("id -u; id -g; grep Groups /proc/self/status | tr -s '\\t ' ' '");
        container.Process["user"] = new JsonObject { ["uid"] = 1000, ["gid"] = 1001, ["additionalGids"] = new JsonArray(5, 6, 4000000) };
        container.Run().Succeeds().Output.TrimEnd().ShouldBe("1000\n1001\nGroups: 5 6 4000000");
    });

    [Fact, Spec("config.md#posix-platform-user")]
    public void The_mask_of_files_is_the_one_given() => Conforms(() =>
    {
        var container = NewContainer("umask; touch /tmp/x; stat -c %a /tmp/x");
        container.Process["user"]!["umask"] = 63;
        container.Run().Prints("0077\n600");
    });

    [Fact, Spec("config.md#posix-process")]
    public void Limits_are_set() => Conforms(() =>
    {
        var container = NewContainer("grep -E 'open files|core file|Max stack' /proc/self/limits | tr -s ' ' | cut -d' ' -f2-6");
        container.Process["rlimits"] = new JsonArray(
            new JsonObject { ["type"] = "RLIMIT_NOFILE", ["soft"] = 512, ["hard"] = 1024 },
            new JsonObject { ["type"] = "RLIMIT_CORE", ["soft"] = 0, ["hard"] = 4096 });
        var output = container.Run().Succeeds().Output;
        output.ShouldContain("open files 512 1024");
        output.ShouldContain("core file size 0 4096");
    });

    [Fact, Spec("config.md#posix-process")]
    public void A_limit_that_does_not_exist_is_an_error() => Conforms(() =>
    {
        var container = NewContainer();
        container.Process["rlimits"] = new JsonArray(new JsonObject { ["type"] = "RLIMIT_NOSUCH", ["soft"] = 1, ["hard"] = 1 });
        container.Create().Fails();
    });

    [Fact, Spec("config.md#posix-process")]
    public void A_limit_given_twice_is_an_error() => Conforms(() =>
    {
        var container = NewContainer();
        container.Process["rlimits"] = new JsonArray(
            new JsonObject { ["type"] = "RLIMIT_NOFILE", ["soft"] = 512, ["hard"] = 1024 }, new JsonObject { ["type"] = "RLIMIT_NOFILE", ["soft"] = 256, ["hard"] = 1024 });
        container.Create().Fails();
    });

    [Fact, Spec("config.md#linux-process")]
    public void The_score_of_the_oom_killer_is_the_one_given() => Conforms(() =>
    {
        var container = NewContainer("cat /proc/self/oom_score_adj");
        container.Process["oomScoreAdj"] = 700;
        container.Run().Prints("700");
    });

    [Fact, Spec("config.md#linux-process")]
    public void The_score_of_the_oom_killer_is_the_runtimes_if_none_is_given() => Conforms(() =>
        NewContainer("cat /proc/self/oom_score_adj").Run().Prints(File.ReadAllText("/proc/self/oom_score_adj").Trim()));

    [Theory, Spec("config.md#linux-process")]
    [InlineData(true, "1")]
    [InlineData(false, "0")]
    public void No_new_privileges_is_as_given(bool given, string expected) => Conforms(() =>
    {
        var container = NewContainer("grep NoNewPrivs /proc/self/status | cut -f2");
        container.Process["noNewPrivileges"] = given;
        container.Run().Prints(expected);
    });

    [Fact, Spec("config.md#linux-process")]
    public void The_five_sets_of_capabilities_are_those_given() => Conforms(() =>
    {
        var container = NewContainer("grep -E '^Cap' /proc/self/status | cut -f2");
        container.Process["user"] = new JsonObject { ["uid"] = 1000, ["gid"] = 1000 };
        container.Process["capabilities"] = new JsonObject
        {
            ["bounding"] = Container.Json("CAP_CHOWN", "CAP_KILL", "CAP_NET_BIND_SERVICE"),
            ["permitted"] = Container.Json("CAP_CHOWN", "CAP_KILL"),
            ["effective"] = Container.Json("CAP_CHOWN", "CAP_KILL"),
            ["inheritable"] = Container.Json("CAP_CHOWN", "CAP_KILL"),
            ["ambient"] = Container.Json("CAP_CHOWN", "CAP_KILL"),
        };
        // In the order of /proc: inheritable, permitted, effective, bounding, ambient. CHOWN is 0, KILL 5, NET_BIND_SERVICE 10.
        container.Run().Prints("0000000000000021\n0000000000000021\n0000000000000021\n0000000000000421\n0000000000000021");
    });

    [Fact, Spec("config.md#linux-process")]
    public void Without_capabilities_there_are_none() => Conforms(() =>
    {
        var container = NewContainer("grep -E '^Cap' /proc/self/status | cut -f2 | sort -u");
        container.Process.Remove("capabilities");
        container.Run().Prints("0000000000000000");
    });

    [Fact, Spec("config.md#linux-process")]
    public void A_capability_that_nobody_knows_is_a_warning_and_no_error() => Conforms(() =>
    {
        var container = NewContainer("grep CapEff /proc/self/status | cut -f2");
        foreach (var set in (string[])["bounding", "permitted", "effective"])
            container.Process["capabilities"]![set] = Container.Json("CAP_CHOWN", "CAP_NO_SUCH");
        var result = container.Run();
        result.Prints("0000000000000001");
        result.Error.ShouldContain("CAP_NO_SUCH");
    });

    [Fact, Spec("runc(8)")]
    public void Signals_are_at_their_defaults() => Conforms(() =>
        NewContainer().Runs("grep", "-E", "Sig(Blk|Ign|Cgt)", "/proc/self/status").Run().Prints("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nSigCgt:\t0000000000000000"));

    [Fact, Spec("runc-run(8)")]
    public void No_descriptor_but_the_standard_streams_is_open() => Conforms(() =>
    {
        var container = NewContainer("cd /proc/self/fd; echo *");
        container.Write();
        // 10 is the shell's own.
        container.Call([], "run", ["--bundle", container.Location, container.Id], "exec 5</etc 7</etc").Succeeds().Output.Split(' ').Except(["0", "1", "2", "3", "10"]).ShouldBeEmpty();
    });

    [Fact, Spec("runc-run(8)")]
    public void Descriptors_are_kept_by_wish() => Conforms(() =>
    {
        var container = NewContainer("cat <&3; cat <&4");
        File.WriteAllText(container.Location + "/three", "three\n");
        File.WriteAllText(container.Location + "/four", "four\n");
        container.Write();
        container.Call([], "run", ["--preserve-fds", "2", "--bundle", container.Location, container.Id], $"exec 3<{container.Location}/three 4<{container.Location}/four").Prints("three\nfour");
    });

    [Fact, Spec("runc-run(8)")]
    public void Sockets_given_by_systemds_protocol_reach_the_program() => Conforms(() =>
    {
        var container = NewContainer("cat <&3; echo $LISTEN_FDS $LISTEN_PID");
        File.WriteAllText(container.Location + "/three", "three\n");
        container.Write();
        container.Call([], "run", ["--bundle", container.Location, container.Id], $"exec 3<{container.Location}/three; export LISTEN_FDS=1 LISTEN_PID=$$").Prints("three\n1 1");
    });

    [Fact, Spec("config.md#process")]
    public void A_terminal_is_handed_to_the_console_socket() => Conforms(() =>
    {
        var container = NewContainer("tty; stty size; test -e /dev/console && echo console");
        container.Process["terminal"] = true;
        container.Process["consoleSize"] = new JsonObject { ["height"] = 33, ["width"] = 77 };
        using var console = new ConsoleReceiver(container.Location + "/console.sock");
        container.Create("--console-socket", console.Path).Succeeds();
        container.Start().Succeeds();
        console.ReadToEnd().ReplaceLineEndings("\n").TrimEnd('\n').ShouldBe("/dev/pts/0\n33 77\nconsole");
    });

    [Fact, Spec("runc-create(8)")]
    public void A_terminal_that_nobody_would_have_is_an_error() => Conforms(() =>
    {
        var container = NewContainer();
        container.Process["terminal"] = true;
        container.Create().Fails();
    });
}
