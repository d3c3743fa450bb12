namespace Sampan.Cli.Arguments;

/// <summary>What the words of a command line mean: option values and the words that are not options.</summary>
internal sealed class ParsedArguments(IReadOnlyDictionary<Option, object?> values, IReadOnlyList<string> words)
{
    /// <summary>Nothing given.</summary>
    public static readonly ParsedArguments None = new(new Dictionary<Option, object?>(), []);

    /// <summary>The words that are not options, in order.</summary>
    public IReadOnlyList<string> Words => words;

    /// <summary>Whether the option was given.</summary>
    public bool IsSet(Option option) => values.ContainsKey(option);

    /// <summary>The option's value, or its initial one when it was not given.</summary>
    public T Get<T>(Option<T> option) => (values.TryGetValue(option, out object? value) ? value : option.Initial) is T typed ? typed : option.Absent;
}
