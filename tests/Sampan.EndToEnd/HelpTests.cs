using System.Text.RegularExpressions;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>What docker's clients list in their help, each command and each option, is in sampan's, or sampan says why it is not.</summary>
public sealed partial class HelpTests(SharedEngine engine) : EngineTest(engine)
{
    private const string Refusal = " is not supported: ";

    /// <summary>Options that sampan takes without listing them: what they ask for is so anyway, or they are called otherwise today (--timeout).</summary>
    private static readonly string[] s_unlisted = ["help", "disable-content-trust", "time"];

    public static TheoryData<string> Clients28And20 => [Clients.Docker, "docker-20.10"];

    [Theory, MemberData(nameof(Clients28And20))]
    public async Task No_command_and_no_option_of_dockers_is_missing_without_a_reason(string client)
    {
        var docker = client == Clients.Docker ? Clients.Path(client) : DebianDocker.Required();
        var missing = new List<string>();
        int seen = 0;

        await CompareAsync([]);

        missing.ShouldBeEmpty(string.Join('\n', missing));
        // Of a help that is worded otherwise nothing would be read, and nothing be missing.
        seen.ShouldBeGreaterThan(500);

        async Task CompareAsync(string[] command)
        {
            var theirs = Read(await Shell.RunAsync(docker, [.. command, "--help"], Daemon.ClientEnvironment));
            var told = await RunAsync(Clients.Sampan, [.. command, "--help"]);
            var ours = Read(told);
            if (told.ExitCode != 0)
            {
                if (!told.Stderr.Contains($"'{command[^1]}'{Refusal}", StringComparison.Ordinal))
                    missing.Add($"{string.Join(' ', command)}: {told.Stderr.Trim()}");
                return;
            }
            foreach (var (name, letter) in theirs.Options)
            {
                seen++;
                if (ours.Options.TryGetValue(name, out var own) && (letter.Length == 0 || letter == own) || s_unlisted.Contains(name, StringComparer.Ordinal))
                    continue;
                var refused = await RunAsync(Clients.Sampan, [.. command, $"--{name}=1"]);
                if (refused.ExitCode != 125 || !refused.Stderr.Contains($"option --{name}{Refusal}", StringComparison.Ordinal))
                    missing.Add($"{string.Join(' ', command)} {letter} --{name}: {refused.Stderr.Split('\n')[0]}");
            }
            foreach (var name in theirs.Commands)
            {
                seen++;
                await CompareAsync([.. command, name]);
            }
        }
    }

    [Fact]
    public async Task What_is_unlisted_is_taken_all_the_same()
    {
        (await RunAsync(Clients.Sampan, "run", "--rm", "--disable-content-trust", "busybox", "echo", "ran")).Succeeded().ShouldBe("ran");
        (await RunAsync(Clients.Sampan, "run", "--disable-content-trust=false", "busybox")).Ended(125).Saying("image signatures are not checked by sampan");
    }

    private static (HashSet<string> Commands, Dictionary<string, string> Options) Read(Outcome help)
    {
        var commands = new HashSet<string>(StringComparer.Ordinal);
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        var section = "";
        foreach (var line in help.Stdout.Split('\n'))
        {
            if (line.Length > 0 && line[0] != ' ')
                section = line.TrimEnd(' ', ':');
            else if (section.EndsWith("Commands", StringComparison.Ordinal) && CommandLine().Match(line) is { Success: true } command)
                commands.Add(command.Groups["name"].Value);
            else if (section.EndsWith("Options", StringComparison.Ordinal) && OptionLine().Match(line) is { Success: true } option)
                options[option.Groups["name"].Value] = option.Groups["letter"].Value;
        }
        return (commands, options);
    }

    // "  app*        Docker App (Docker Inc., v0.9)": a plugin has a star.
    [GeneratedRegex(@"^  (?<name>[a-z][a-z-]*)\*? +\S", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 10_000)]
    private static partial Regex CommandLine();

    // "  -a, --attach list                    Attach to STDIN, STDOUT or STDERR"
    [GeneratedRegex(@"^ +((?<letter>-[a-zA-Z]), )?--(?<name>[a-z0-9-]+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 10_000)]
    private static partial Regex OptionLine();
}
