namespace Sampan.Runtime.Commands;

/// <summary>A command: its options, its help and what it does.</summary>
/// <param name="Name">The word on the command line.</param>
/// <param name="Arguments">The arguments as the help shows them.</param>
/// <param name="Summary">What it does, one line.</param>
internal sealed record Command(string Name, string Arguments, string Summary)
{
    internal IReadOnlyList<CommandOption> Options { get; init; } = [];

    /// <summary>Fewest arguments.</summary>
    internal int Least { get; init; } = 1;

    /// <summary>Most arguments; null for no limit.</summary>
    internal int? Most { get; init; } = 1;

    /// <summary>True if what follows the first argument belongs to somebody else: a program and its options.</summary>
    internal bool EndsOptionsAtArgument { get; init; }

    /// <summary>True for what people do not call.</summary>
    internal bool IsHidden { get; init; }

    /// <summary>More for the help, below the usage; null for none.</summary>
    internal string? Details { get; init; }

    /// <summary>Does it and returns the exit code.</summary>
    internal required Func<CommandContext, CommandArguments, int> Run { get; init; }
}
