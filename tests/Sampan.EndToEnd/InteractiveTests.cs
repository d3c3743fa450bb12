using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Keys that detach, signals that are passed on, and a terminal that is itself again after every end.</summary>
public sealed class InteractiveTests(SharedEngine engine) : EngineTest(engine)
{
    private const string DetachKeys = "\u0010\u0011";

    private Terminal OnTerminal(string client, params string[] arguments)
        => Terminal.Start(Clients.Path(client), arguments, Daemon.ClientEnvironment);

    private async Task ShellAsync(string client, string name)
        => (await RunAsync(client, "run", "-d", "-i", "-t", "--name", name, "busybox", "sh")).Succeeded();

    [Theory, MemberData(nameof(Both))]
    public async Task Detach_keys_leave_an_exec_with_a_message(string client)
    {
        var name = NewName("left");
        await SleeperAsync(client, name);
        await using var terminal = OnTerminal(client, "exec", "-it", name, "sh");
        await terminal.ShowsAsync("/ # ");
        await terminal.TypeAsync(DetachKeys);

        (await terminal.EndAsync()).ShouldBe(1);
        await terminal.ShowsAsync("read escape sequence");
        (await terminal.IsCookedAsync()).ShouldBeTrue();
        (await InspectAsync(client, name, "{{.State.Running}}")).ShouldBe("true");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Attach_makes_the_program_draw_itself_and_detach_keys_leave_it_with_a_message(string client)
    {
        var name = NewName("attached");
        (await RunAsync(client, "run", "-d", "-i", "-t", "--name", name, "busybox", "sh", "-c", "trap 'echo drawn' WINCH; echo ready; while :; do sleep 0.05; done")).Succeeded();
        await Eventually.HoldsAsync("the program awaits changes of its window", async () => (await RunAsync(client, "logs", name)).Stdout.Contains("ready"));
        await using var terminal = OnTerminal(client, "attach", name);
        // Nothing is typed: the program is told another size and then ours.
        await terminal.ShowsAsync("drawn");
        await terminal.TypeAsync(DetachKeys);

        (await terminal.EndAsync()).ShouldBe(1);
        await terminal.ShowsAsync("read escape sequence");
        (await terminal.IsCookedAsync()).ShouldBeTrue();
        (await InspectAsync(client, name, "{{.State.Running}}")).ShouldBe("true");
    }

    /// <summary>Closed on what nobody read, the connection would be reset, and the client would report that instead of the exit code.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Input_that_the_program_does_not_read_is_no_failure(string client)
    {
        var name = NewName("deaf");
        await SleeperAsync(client, name);

        for (var run = 0; run < 5; run++)
        {
            (await PipeYesAsync(client, "run --rm -i busybox sh -c 'echo done; exit 3'")).Ended(3).Stdout.ShouldBe("done\n");
            (await PipeYesAsync(client, $"exec -i {name} sh -c 'echo done; exit 4'")).Ended(4).Stdout.ShouldBe("done\n");
        }
    }

    private Task<Outcome> PipeYesAsync(string client, string arguments)
        => Shell.RunAsync("/bin/sh", ["-c", $"yes | {Clients.Path(client)} {arguments}"], Daemon.ClientEnvironment);

    [Theory, MemberData(nameof(Both))]
    public async Task Detach_keys_leave_a_started_container(string client)
    {
        var name = NewName("started");
        (await RunAsync(client, "create", "-it", "--name", name, "busybox", "sh")).Succeeded();
        await using var terminal = OnTerminal(client, "start", "-ai", name);
        await terminal.ShowsAsync("/ # ");
        await terminal.TypeAsync(DetachKeys);

        (await terminal.EndAsync()).ShouldBe(0);
        (await terminal.IsCookedAsync()).ShouldBeTrue();
        (await InspectAsync(client, name, "{{.State.Running}}")).ShouldBe("true");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Keys_that_only_begin_like_the_sequence_reach_the_program(string client)
    {
        await using var terminal = OnTerminal(client, "run", "--rm", "-it", "busybox", "sh", "-c", "echo $((40+2)); cat -v");
        await terminal.ShowsAsync("42\r\n");
        await terminal.TypeAsync("a\u0010b\n");
        await terminal.ShowsAsync("\na^Pb\r\n");
        await terminal.TypeAsync("\u0004");

        (await terminal.EndAsync()).ShouldBe(0);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Detach_keys_come_from_the_clients_settings_too(string client)
    {
        using var settings = new Scratch();
        await File.WriteAllTextAsync(Path.Combine(settings.Path, "config.json"), """{"detachKeys": "ctrl-x,d"}""");
        var name = NewName("own");
        await using var terminal = OnTerminal(client, "--config", settings.Path, "run", "-it", "--name", name, "busybox", "sh");
        await terminal.ShowsAsync("/ # ");
        await terminal.TypeAsync("\u0018d");

        (await terminal.EndAsync()).ShouldBe(0);
        (await InspectAsync(client, name, "{{.State.Running}}")).ShouldBe("true");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Control_c_is_passed_on_to_a_container_without_terminal(string client)
    {
        await using var terminal = OnTerminal(client, "run", "--rm", "busybox", "sh", "-c", "trap 'exit 9' INT; echo up; while :; do sleep 0.05; done");
        await terminal.ShowsAsync("up");
        await terminal.TypeAsync("\u0003");

        (await terminal.EndAsync()).ShouldBe(9);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Control_c_three_times_leaves_a_program_that_does_not_care(string client)
    {
        var name = NewName("stubborn");
        await using var terminal = OnTerminal(client, "run", "--name", name, "busybox", "sh", "-c", "trap '' INT; echo up; while :; do sleep 0.05; done");
        await terminal.ShowsAsync("up");
        await Eventually.HoldsAsync("the client gives up", async () =>
        {
            await terminal.TypeAsync("\u0003");
            await Task.Delay(100);
            return terminal.Screen.Contains("forcefully exiting");
        });

        (await terminal.EndAsync()).ShouldBe(1);
        (await InspectAsync(client, name, "{{.State.Running}}")).ShouldBe("true");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Stats_of_all_follow_those_that_come_and_go(string client)
    {
        var name = NewName("comes");
        await using var terminal = OnTerminal(client, "stats", "--format", "{{.Name}}=");
        await Eventually.HoldsAsync("the first table is there", () => Task.FromResult(Tables().Length > 2));
        await SleeperAsync(client, name);
        await terminal.ShowsAsync($"{name}=");
        (await RunAsync(client, "rm", "-f", name)).Succeeded();

        var seen = Tables().Length;
        await Eventually.HoldsAsync("it is shown no longer", () => Task.FromResult(Tables().Length > seen + 2 && !Tables()[^2].Contains($"{name}=")));
        await terminal.TypeAsync("\u0003");
        await terminal.EndAsync();

        string[] Tables() => terminal.Screen.Split("\u001b[H");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Control_c_reaches_an_attached_container(string client)
    {
        var name = NewName("interrupted");
        (await RunAsync(client, "run", "-d", "--name", name, "busybox", "sh", "-c", "trap 'exit 5' INT; while :; do echo up; sleep 0.05; done")).Succeeded();
        await using var terminal = OnTerminal(client, "attach", name);
        await terminal.ShowsAsync("up");
        await terminal.TypeAsync("\u0003");

        (await terminal.EndAsync()).ShouldBe(5);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Signals_that_the_client_gets_are_passed_on(string client)
    {
        const string Script = "trap 'echo got usr1' USR1; trap 'echo got hup' HUP; trap 'exit 4' TERM; echo up; while :; do sleep 0.05; done";
        await using var terminal = OnTerminal(client, "run", "--rm", "busybox", "sh", "-c", Script);
        await terminal.ShowsAsync("up");
        foreach (var signal in new[] { "USR1", "HUP" })
        {
            await terminal.SignalAsync(signal);
            await terminal.ShowsAsync($"got {signal.ToLowerInvariant()}");
        }

        await terminal.SignalAsync("TERM");
        (await terminal.EndAsync()).ShouldBe(4);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_signal_to_the_client_is_passed_on_to_a_container_with_a_terminal(string client)
    {
        await using var terminal = OnTerminal(client, "run", "--rm", "-it", "busybox", "sh", "-c", "trap 'exit 7' TERM; echo up; while :; do sleep 0.05; done");
        await terminal.ShowsAsync("up");
        await terminal.SignalAsync("TERM");

        (await terminal.EndAsync()).ShouldBe(7);
        (await terminal.IsCookedAsync()).ShouldBeTrue();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Control_c_ends_the_following_of_a_log_and_nothing_else(string client)
    {
        var name = NewName("followed");
        (await RunAsync(client, "run", "-d", "--name", name, "busybox", "sh", "-c", "while :; do echo up; sleep 0.05; done")).Succeeded();
        await using var terminal = OnTerminal(client, "logs", "-f", name);
        await terminal.ShowsAsync("up");
        await terminal.TypeAsync("\u0003");

        (await terminal.EndAsync()).ShouldBe(130);
        (await InspectAsync(client, name, "{{.State.Running}}")).ShouldBe("true");
    }

    [Fact]
    public async Task Without_signal_proxy_control_c_ends_the_client_alone()
    {
        // docker 28 waits for a third Ctrl-C here; one is enough for sampan, as it was for docker before.
        var name = NewName("deaf");
        (await RunAsync(Clients.Sampan, "run", "-d", "--name", name, "busybox", "sh", "-c", "while :; do echo up; sleep 0.05; done")).Succeeded();
        await using var terminal = OnTerminal(Clients.Sampan, "attach", "--sig-proxy=false", name);
        await terminal.ShowsAsync("up");
        await terminal.TypeAsync("\u0003");

        (await terminal.EndAsync()).ShouldBe(130);
        (await InspectAsync(Clients.Sampan, name, "{{.State.Running}}")).ShouldBe("true");
    }

    [Theory]
    [InlineData("TERM", 143)]
    [InlineData("HUP", 129)]
    public async Task A_signal_that_ends_an_attached_client_leaves_the_terminal_as_it_was(string signal, int code)
    {
        var name = NewName("ended");
        await ShellAsync(Clients.Sampan, name);
        foreach (var arguments in new string[][] { ["attach", name], ["exec", "-it", name, "sh"] })
        {
            await using var terminal = OnTerminal(Clients.Sampan, arguments);
            await terminal.TypeAsync("\n");
            await terminal.ShowsAsync("/ # ");
            (await terminal.IsCookedAsync()).ShouldBeFalse();
            await terminal.SignalAsync(signal);

            (await terminal.EndAsync()).ShouldBe(code);
            (await terminal.IsCookedAsync()).ShouldBeTrue();
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_container_killed_by_others_ends_the_session_with_its_code(string client)
    {
        var name = NewName("killed");
        await using var terminal = OnTerminal(client, "run", "-it", "--name", name, "busybox", "sh");
        await terminal.ShowsAsync("/ # ");
        (await RunAsync(client, "kill", name)).Succeeded();

        (await terminal.EndAsync()).ShouldBe(137);
        (await terminal.IsCookedAsync()).ShouldBeTrue();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task An_engine_that_dies_ends_the_session_with_a_message(string client)
    {
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        await using var terminal = Terminal.Start(Clients.Path(client), ["run", "-it", "--name", "orphan", "busybox", "sh"], daemon.ClientEnvironment);
        await terminal.ShowsAsync("/ # ");
        await daemon.CrashAsync();

        (await terminal.EndAsync()).ShouldBe(125);
        (await terminal.IsCookedAsync()).ShouldBeTrue();
        await daemon.StartAgainAsync();
        (await daemon.ClientAsync(client, "inspect", "-f", "{{.State.Running}}", "orphan")).Succeeded().ShouldBe("true");
    }
}
