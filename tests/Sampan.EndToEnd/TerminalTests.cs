using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

public sealed class TerminalTests(SharedEngine engine) : EngineTest(engine)
{
    private Terminal OnTerminal(string client, params string[] arguments)
        => Terminal.Start(Clients.Path(client), arguments, Daemon.ClientEnvironment);

    [Theory, MemberData(nameof(Both))]
    public async Task Bash_in_debian_talks_on_a_terminal_and_ends_with_its_code(string client)
    {
        await Shared.WithAsync("debian");
        await using var terminal = OnTerminal(client, "run", "--rm", "-it", "--hostname", "boat", "debian", "bash");
        await terminal.ShowsAsync("root@boat:/# ");

        await terminal.TypeAsync("tty; perl -e 'print 6*7, qq(\\n)'; apt list --installed 2>/dev/null | grep -c ^bash/\n");
        await terminal.ShowsAsync("/dev/pts/0\r\n42\r\n1\r\n");
        await terminal.TypeAsync("exit 6\n");

        (await terminal.EndAsync()).ShouldBe(6);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task The_terminal_starts_with_the_windows_size_and_follows_it(string client)
    {
        await using var terminal = OnTerminal(client, "run", "--rm", "-it", "busybox", "sh");
        await terminal.ShowsAsync("/ # ");

        await terminal.TypeAsync("stty size\n");
        await terminal.ShowsAsync("24 80\r\n");
        terminal.Resize(40, 133);
        await Eventually.HoldsAsync("the container's terminal has the new size", async () =>
        {
            await terminal.TypeAsync("stty size\n");
            await Task.Delay(100);
            return terminal.Screen.Contains("40 133\r\n");
        });
        await terminal.TypeAsync("exit\n");

        (await terminal.EndAsync()).ShouldBe(0);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Control_c_interrupts_the_program_inside_only(string client)
    {
        await using var terminal = OnTerminal(client, "run", "--rm", "-it", "busybox", "sh");
        await terminal.ShowsAsync("/ # ");

        // The calculation keeps the words that are waited for apart from those that are typed.
        await terminal.TypeAsync("sh -c 'echo asleep $((40+1)); exec sleep 1000'\n");
        await terminal.ShowsAsync("asleep 41");
        await terminal.TypeAsync("\u0003");
        await terminal.ShowsAsync("^C\r\n/ # ");
        await terminal.TypeAsync("echo still $((40+2))\n");
        await terminal.ShowsAsync("still 42");
        await terminal.TypeAsync("exit\n");

        (await terminal.EndAsync()).ShouldBe(0);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Detach_keys_leave_the_container_running_and_attach_comes_back(string client)
    {
        var name = NewName("left");
        await using (var terminal = OnTerminal(client, "run", "-it", "--name", name, "busybox", "sh"))
        {
            await terminal.ShowsAsync("/ # ");
            await terminal.TypeAsync("kept=yes; echo set $((40+2))\n");
            await terminal.ShowsAsync("set 42\r\n/ # ");
            await terminal.TypeAsync("\u0010\u0011");
            (await terminal.EndAsync()).ShouldBe(0);
        }

        (await InspectAsync(client, name, "{{.State.Running}}")).ShouldBe("true");
        await using var again = OnTerminal(client, "attach", name);
        await again.TypeAsync("\n");
        await again.ShowsAsync("/ # ");
        await again.TypeAsync("echo it is $kept; exit 3\n");
        await again.ShowsAsync("it is yes");

        (await again.EndAsync()).ShouldBe(3);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Detach_keys_of_ones_own_choice_work_too(string client)
    {
        var name = NewName("chosen");
        await using var terminal = OnTerminal(client, "run", "-it", "--name", name, "--detach-keys", "ctrl-x,d", "busybox", "sh");
        await terminal.ShowsAsync("/ # ");
        await terminal.TypeAsync("\u0018d");

        (await terminal.EndAsync()).ShouldBe(0);
        (await InspectAsync(client, name, "{{.State.Running}}")).ShouldBe("true");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Exec_on_a_terminal_has_one_of_its_own(string client)
    {
        var name = NewName("shell");
        await SleeperAsync(client, name);
        await using var terminal = OnTerminal(client, "exec", "-it", name, "sh");
        await terminal.ShowsAsync("/ # ");

        await terminal.TypeAsync("tty; stty size; test -t 0 && test -t 1 && echo all tty; exit 8\n");
        await terminal.ShowsAsync("/dev/pts/");
        await terminal.ShowsAsync("24 80\r\n");
        await terminal.ShowsAsync("all tty");

        (await terminal.EndAsync()).ShouldBe(8);
        (await InspectAsync(client, name, "{{.State.Running}}")).ShouldBe("true");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Start_attached_and_interactive_goes_on_with_a_stopped_shell(string client)
    {
        var name = NewName("resumed");
        (await RunAsync(client, "create", "-it", "--name", name, "busybox", "sh")).Succeeded();
        await using var terminal = OnTerminal(client, "start", "-ai", name);
        await terminal.ShowsAsync("/ # ");
        await terminal.TypeAsync("exit 2\n");

        (await terminal.EndAsync()).ShouldBe(2);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_terminal_is_refused_when_the_input_is_none(string client)
        => (await RunAsync(client, "run", "--rm", "-it", "busybox", "true")).Ended(1).Saying("the input device is not a TTY");
}
