using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

public sealed class ExecTests(SharedEngine engine) : EngineTest(engine)
{
    [Theory, MemberData(nameof(Both))]
    public async Task Exec_runs_inside_and_ends_with_the_commands_code(string client)
    {
        var name = NewName("exec");
        await SleeperAsync(client, name);

        var outcome = (await RunAsync(client, "exec", name, "sh", "-c", "cat /proc/1/cmdline | tr '\\0' ' '; echo err >&2; exit 5")).Ended(5);

        outcome.Stdout.ShouldBe("sleep 3600 ");
        outcome.Stderr.ShouldBe("err\n");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Exec_takes_user_directory_environment_and_input(string client)
    {
        var name = NewName("options");
        await SleeperAsync(client, name, "-e", "OWN=1");

        (await RunAsync(client, "exec", "-u", "www-data", "-w", "/tmp", "-e", "B=2", name, "sh", "-c", "id -un; pwd; echo $OWN$B")).Lines.ShouldBe(["www-data", "/tmp", "12"]);
        (await Daemon.ClientWithInputAsync(client, "in\nput\n", "exec", "-i", name, "wc", "-l")).Succeeded().ShouldBe("2");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Detached_exec_goes_on_by_itself(string client)
    {
        var name = NewName("detached");
        await SleeperAsync(client, name);

        (await RunAsync(client, "exec", "-d", name, "sh", "-c", "echo done >/done")).Succeeded().ShouldBeEmpty();

        await Eventually.HoldsAsync("the exec wrote its file", async () => (await RunAsync(client, "exec", name, "cat", "/done")).Text == "done");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Exec_of_a_missing_command_is_127_and_of_a_file_that_is_no_program_126(string client)
    {
        var name = NewName("missing");
        await SleeperAsync(client, name);

        (await RunAsync(client, "exec", name, "no-such-command")).Ended(127).Saying("no-such-command").Saying("executable file not found in $PATH");
        (await RunAsync(client, "exec", name, "/etc/passwd")).Ended(126).Saying("permission denied");
        (await RunAsync(client, "exec", "no-such-container", "true")).Ended(1).Saying("No such container: no-such-container");
        (await RunAsync(client, "stop", "-t", "0", name)).Succeeded();
        (await RunAsync(client, "exec", name, "true")).Ended(1).Saying("is not running");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Exec_is_confined_like_its_container(string client)
    {
        var name = NewName("confined");
        await SleeperAsync(client, name, "--cap-drop", "ALL");

        (await RunAsync(client, "exec", name, "grep", "-E", "^(CapEff|CapBnd|Seccomp):", "/proc/self/status")).Lines
            .ShouldBe(["CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "Seccomp:\t2"]);
        (await RunAsync(client, "exec", name, "cat", "/proc/self/cgroup")).Succeeded()
            .ShouldBe((await RunAsync(client, "exec", name, "cat", "/proc/1/cgroup")).Succeeded());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Attach_shows_what_comes_and_ends_with_the_containers_code(string client)
    {
        var name = NewName("attached");
        (await RunAsync(client, "run", "-d", "-i", "--name", name, "busybox", "sh", "-c", "while read line; do echo got $line; [ \"$line\" = end ] && exit 4; done")).Succeeded();

        var outcome = await Daemon.ClientWithInputAsync(client, "one\nend\n", "attach", name);

        outcome.Ended(4).Lines.ShouldBe(["got one", "got end"]);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Two_attached_clients_see_the_same(string client)
    {
        var name = NewName("shared");
        (await RunAsync(client, "run", "-d", "--name", name, "busybox", "sh", "-c", "while [ ! -e /go ]; do echo waiting; sleep 0.05; done; echo seen")).Succeeded();
        using var first = Shell.Start(Clients.Path(client), ["attach", "--no-stdin", name], Daemon.ClientEnvironment);
        using var second = Shell.Start(Clients.Path(client), ["attach", "--no-stdin", name], Daemon.ClientEnvironment);
        // A client tells nobody when it is attached: a line that it shows does.
        (await first.StandardOutput.ReadLineAsync().WaitAsync(Shell.Patience)).ShouldBe("waiting");
        (await second.StandardOutput.ReadLineAsync().WaitAsync(Shell.Patience)).ShouldBe("waiting");

        (await RunAsync(client, "exec", name, "touch", "/go")).Succeeded();

        (await first.StandardOutput.ReadToEndAsync().WaitAsync(Shell.Patience)).Replace("waiting\n", "", StringComparison.Ordinal).ShouldBe("seen\n");
        (await second.StandardOutput.ReadToEndAsync().WaitAsync(Shell.Patience)).Replace("waiting\n", "", StringComparison.Ordinal).ShouldBe("seen\n");
    }
}
