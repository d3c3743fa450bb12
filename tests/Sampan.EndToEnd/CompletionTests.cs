using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>What the shells offer behind <c>sampan</c>: asked of the shells themselves.</summary>
public sealed class CompletionTests(SharedEngine engine) : EngineTest(engine)
{
    [Fact]
    public async Task Bash_completes_commands_options_and_names_of_the_engine()
    {
        var container = NewName("completes");
        await SleeperAsync(Clients.Sampan, container);
        var network = NewName("completes-net");
        var volume = NewName("completes-vol");
        (await RunAsync(Clients.Sampan, "network", "create", network)).Succeeded();
        (await RunAsync(Clients.Sampan, "volume", "create", volume)).Succeeded();
        try
        {
            (await BashAsync("contai")).ShouldBe(["container"]);
            (await BashAsync("container", "inspec")).ShouldBe(["inspect"]);
            (await BashAsync("run", "--restart-on-un")).ShouldBe(["--restart-on-unhealthy"]);
            (await BashAsync("exec", container[..^1])).ShouldContain(container);
            (await BashAsync("run", "busyb")).ShouldContain("busybox:latest");
            (await BashAsync("network", "rm", network)).ShouldBe([network]);
            (await BashAsync("volume", "inspect", volume)).ShouldBe([volume]);
            (await BashAsync("run", "--network", network)).ShouldBe([network]);
            (await BashAsync("run", "--network", "=", network)).ShouldBe([network]);
            (await BashAsync("run", $"--network={network[..^1]}")).ShouldContain($"--network={network}");
            (await BashAsync("inspect", network)).ShouldBe([network]);
            (await BashAsync("inspect", volume)).ShouldBe([volume]);
        }
        finally
        {
            await RunAsync(Clients.Sampan, "network", "rm", network);
            await RunAsync(Clients.Sampan, "volume", "rm", volume);
        }
    }

    [Fact]
    public async Task Fish_completes_names_of_the_engine()
    {
        Require("fish");
        var container = NewName("fishes");
        await SleeperAsync(Clients.Sampan, container);

        var offered = (await ShellAsync("fish", $"sampan completion fish | source; complete -C 'sampan exec {container}'; complete -C 'sampan contai'")).Succeeded().Split('\n');

        offered.Select(line => line.Split('\t')[0].Trim()).ShouldBe([container, "container"]);
    }

    [Fact]
    public async Task Zsh_completes_names_of_the_engine()
    {
        Require("zsh");
        var container = NewName("zebra");
        await SleeperAsync(Clients.Sampan, container);

        // A stand-in for the menu of zsh's completion system: it is told the candidates.
        var offered = (await ShellAsync("zsh", $"compdef() {{ :; }}; _describe() {{ print -l -- \"${{(@P)2}}\"; }}; eval \"$(sampan completion zsh)\"; words=(sampan exec {container}); CURRENT=3; _sampan; words=(sampan contai); CURRENT=2; _sampan")).Succeeded().Split('\n');

        offered.Select(line => line.Split(':')[0]).ShouldBe([container, "container"]);
    }

    private async Task<string[]> BashAsync(params string[] words)
    {
        var typed = string.Join(' ', words.Select(word => $"'{word}'"));
        return (await ShellAsync("bash", $"eval \"$(sampan completion bash)\"; COMP_WORDS=(sampan {typed}); COMP_CWORD={words.Length}; _sampan; printf '%s\\n' \"${{COMPREPLY[@]}}\"")).Succeeded().Split('\n');
    }

    private Task<Outcome> ShellAsync(string shell, string script)
    {
        var directory = Path.GetDirectoryName(Clients.Path(Clients.Sampan));
        var environment = new Dictionary<string, string>(Daemon.ClientEnvironment, StringComparer.Ordinal) { ["PATH"] = $"{directory}:{Environment.GetEnvironmentVariable("PATH")}" };
        return Shell.RunAsync(Shell.Find(shell) ?? shell, ["-c", script], environment);
    }

    private static void Require(string shell)
    {
        if (Shell.Find(shell) is null)
            Assert.Skip($"{shell} is not installed on this machine");
    }
}
