using Sampan.Cli.Arguments;
using Sampan.Cli.Commands;
using Sampan.DockerApi.Client;

namespace Sampan.Cli.Completion;

/// <summary>
/// completion SHELL prints a script that asks "sampan __complete WORD…" for candidates: commands and options from their
/// tables, names from the engine.
/// </summary>
internal static class CompletionCommand
{
    public static Command Command { get; } = new()
    {
        Name = "completion",
        Summary = "Print a completion script for a shell",
        Details = "bash: source <(sampan completion bash)\nzsh:  sampan completion zsh > \"${fpath[1]}/_sampan\"\nfish: sampan completion fish > ~/.config/fish/completions/sampan.fish",
        Subcommands = [Shell("bash", CompletionScripts.Bash), Shell("fish", CompletionScripts.Fish), Shell("zsh", CompletionScripts.Zsh), Command.Refused("powershell", "there are scripts for bash, fish and zsh")],
    };

    public static Command Complete { get; } = new()
    {
        Name = "__complete",
        Summary = "Print candidates for the last word",
        Hidden = true,
        OptionsEndAtFirstWord = true,
        Run = CompleteAsync,
    };

    private static Command Shell(string name, string script) => new()
    {
        Name = name,
        Summary = $"Print the completion script for {name}",
        MaxWords = 0,
        Options = [Option.Refused("no-descriptions", null, "", "", "remarks are shown where the shell has a place for them")],
        Run = call =>
        {
            call.Out.Write(script);
            return Task.FromResult(0);
        },
    };

    private static async Task<int> CompleteAsync(Invocation call)
    {
        foreach (string candidate in await CandidatesAsync(call, call.Words).ConfigureAwait(false)) call.Out.WriteLine(candidate);
        return 0;
    }

    /// <summary>Candidates for the last of the words, each with a tab and a remark if there is one.</summary>
    private static async Task<IEnumerable<string>> CandidatesAsync(Invocation call, IReadOnlyList<string> words)
    {
        string last = words.Count > 0 ? words[^1] : "";
        var path = new CommandPath(CommandPath.Program, Verbs.Root);
        Option? pending = null;
        int given = 0;
        foreach (string word in words.Take(words.Count - 1))
        {
            if (pending is not null)
            {
                // Bash takes --name=value for three words.
                if (word != "=") pending = null;
                continue;
            }
            if (word.StartsWith('-') && word.Length > 1)
            {
                pending = path.Command.Options.FirstOrDefault(o => !o.IsFlag && (word == "--" + o.Name || (o.Letter is { } l && word == $"-{l}")));
                continue;
            }
            if (path.Command.Find(word) is { } next) path = path.Below(word, next);
            else given++;
        }
        if (pending is not null) return await NamesAsync(call, pending.Completes, pending.Choices, last == "=" ? "" : last).ConfigureAwait(false);
        if (last.StartsWith("--", StringComparison.Ordinal) && last.IndexOf('=') is > 0 and var equals && path.Command.Options.FirstOrDefault(o => !o.IsFlag && o.Name == last[2..equals]) is { } joined)
            return (await NamesAsync(call, joined.Completes, joined.Choices, last[(equals + 1)..]).ConfigureAwait(false)).Select(n => n == ":files" ? n : last[..(equals + 1)] + n);
        if (last.StartsWith('-'))
            return path.Command.Options.Where(o => !o.Hidden).Select(o => $"--{o.Name}\t{o.Help.Split('\n')[0]}").Append("--help\tPrint this help").Where(c => c.StartsWith(last, StringComparison.Ordinal));
        if (path.Command.IsGroup)
            return path.Command.Subcommands.Where(c => !c.Hidden && c.Name.StartsWith(last, StringComparison.Ordinal)).Select(c => $"{c.Name}\t{c.Summary}");
        // Behind the first word of run and exec, the words are the container's.
        if (given >= path.Command.MaxWords || (path.Command.OptionsEndAtFirstWord && given > 0)) return [];
        return await NamesAsync(call, path.Command.Completes, [], last).ConfigureAwait(false);
    }

    private static async Task<IEnumerable<string>> NamesAsync(Invocation call, Candidates kind, IReadOnlyList<string> choices, string prefix)
    {
        try
        {
            IEnumerable<string> names = kind switch
            {
                Candidates.Containers => await ContainersAsync(call, null).ConfigureAwait(false),
                Candidates.RunningContainers => await ContainersAsync(call, "running").ConfigureAwait(false),
                Candidates.StoppedContainers => [.. await ContainersAsync(call, "exited").ConfigureAwait(false), .. await ContainersAsync(call, "created").ConfigureAwait(false)],
                Candidates.PausedContainers => await ContainersAsync(call, "paused").ConfigureAwait(false),
                Candidates.Images => (await call.Client.ListImagesAsync(cancellationToken: call.Cancelled).ConfigureAwait(false)).SelectMany(i => i.RepoTags ?? []),
                Candidates.Networks => (await call.Client.ListNetworksAsync(cancellationToken: call.Cancelled).ConfigureAwait(false)).Select(n => n.Name),
                Candidates.Volumes => ((await call.Client.ListVolumesAsync(cancellationToken: call.Cancelled).ConfigureAwait(false)).Volumes ?? []).Select(v => v.Name),
                Candidates.Plugins => await PluginsAsync(call, null).ConfigureAwait(false),
                Candidates.EnabledPlugins => await PluginsAsync(call, true).ConfigureAwait(false),
                Candidates.DisabledPlugins => await PluginsAsync(call, false).ConfigureAwait(false),
                Candidates.Objects =>
                [
                    .. await ContainersAsync(call, null).ConfigureAwait(false),
                    .. (await call.Client.ListImagesAsync(cancellationToken: call.Cancelled).ConfigureAwait(false)).SelectMany(i => i.RepoTags ?? []),
                    .. (await call.Client.ListNetworksAsync(cancellationToken: call.Cancelled).ConfigureAwait(false)).Select(n => n.Name),
                    .. ((await call.Client.ListVolumesAsync(cancellationToken: call.Cancelled).ConfigureAwait(false)).Volumes ?? []).Select(v => v.Name),
                ],
                Candidates.Files => [":files"],
                _ => choices,
            };
            return names.Where(n => n == ":files" || n.StartsWith(prefix, StringComparison.Ordinal)).Distinct(StringComparer.Ordinal);
        }
        catch (DockerApiException)
        {
            // Without an engine there are no names to offer; an error in the middle of a command line would help nobody.
            return [];
        }
    }

    private static async Task<IEnumerable<string>> PluginsAsync(Invocation call, bool? enabled) =>
        (await call.Client.ListPluginsAsync(cancellationToken: call.Cancelled).ConfigureAwait(false)).Where(p => enabled is null || p.Enabled == enabled).Select(p => p.Name);

    private static async Task<IEnumerable<string>> ContainersAsync(Invocation call, string? status)
    {
        var filters = status is null ? null : new Filters().Add("status", status);
        return (await call.Client.ListContainerRowsAsync(all: true, filters: filters, cancellationToken: call.Cancelled).ConfigureAwait(false)).SelectMany(c => c.Names ?? []).Select(n => n.TrimStart('/'));
    }
}
