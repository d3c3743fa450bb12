using Sampan.Cli.Commands;

namespace Sampan.Cli.Arguments;

/// <summary>One command: what it is called, what it takes, what it does.</summary>
internal sealed record Command
{
    public required string Name { get; init; }

    /// <summary>One line for the list of commands.</summary>
    public required string Summary { get; init; }

    /// <summary>More for its own help; empty: the summary alone.</summary>
    public string Details { get; init; } = "";

    /// <summary>Further names in the same place.</summary>
    public IReadOnlyList<string> OtherNames { get; init; } = [];

    /// <summary>All the ways to call it, for the help; empty: only one.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The words after the options, as the usage line shows them.</summary>
    public string Arguments { get; init; } = "";

    public int MinWords { get; init; }

    public int MaxWords { get; init; } = int.MaxValue;

    /// <summary>Whether the first word ends the options: what follows belongs to the container's command.</summary>
    public bool OptionsEndAtFirstWord { get; init; }

    public IReadOnlyList<Option> Options { get => field ??= Later?.Invoke().Options ?? []; init; }

    public IReadOnlyList<Command> Subcommands { get => field ??= Later?.Invoke().Subcommands ?? []; init; }

    /// <summary>Makes the options and subcommands of a large group when somebody asks for them: other commands start without.</summary>
    public Func<(IReadOnlyList<Option> Options, IReadOnlyList<Command> Subcommands)>? Later { get; init; }

    /// <summary>Finds a subcommand that is called often without making the others; null, or where it finds none: all are looked through.</summary>
    public Func<string, Command?>? Shortcut { get; init; }

    /// <summary>Whether there are, or may be, subcommands: asked without making them.</summary>
    public bool MayHaveSubcommands => Later is not null || Subcommands.Count > 0;

    /// <summary>What completes its words.</summary>
    public Candidates Completes { get; init; }

    /// <summary>Whether it never waits for two things at once: see <see cref="DockerApi.Client.DockerClient.IsSequential"/>.</summary>
    public bool IsSequential { get; init; }

    /// <summary>Not shown in help.</summary>
    public bool Hidden { get; init; }

    /// <summary>Why it is refused, whatever its words; null: it is not.</summary>
    public string? Refusal { get; init; }

    /// <summary>What it does; returns the exit code.</summary>
    public Func<Invocation, Task<int>>? Run { get; init; }

    /// <summary>Whether it is only the name before others; a command that also does something itself is none.</summary>
    public bool IsGroup => Subcommands.Count > 0 && Run is null;

    public bool HasVisibleOptions => Options.Any(o => !o.Hidden);

    /// <summary>A command that docker has and sampan names but does not do.</summary>
    /// <param name="name">Docker's name of it.</param>
    /// <param name="reason">Why, and what to do instead.</param>
    public static Command Refused(string name, string reason) => new()
    {
        Name = name,
        Summary = "Not supported",
        Hidden = true,
        Refusal = reason,
    };

    public Command? Find(string word) => Shortcut?.Invoke(word) ?? Subcommands.FirstOrDefault(c => c.Name == word || c.OtherNames.Contains(word, StringComparer.Ordinal));
}
