namespace Sampan.Cli.Arguments;

/// <summary>
/// Takes the words of a command apart with the rules of Go's pflag, which docker uses: --name value, --name=value, -n value,
/// -nvalue, -n=value, -abc for flags, --flag=false, and -- as the end of the options.
/// </summary>
internal static class OptionParser
{
    /// <summary>The option every command has.</summary>
    public static readonly Option<bool> Help = Option.Flag("help", null, "Print this help");

    public static ParsedArguments Parse(CommandPath path, IReadOnlyList<string> words)
    {
        var values = new Dictionary<Option, object?>();
        var others = new List<string>();
        int i = 0;
        while (i < words.Count)
        {
            string word = words[i++];
            if (word == "--")
            {
                others.AddRange(words.Skip(i));
                break;
            }
            if (word.Length < 2 || word[0] != '-')
            {
                others.Add(word);
                if (!path.Command.OptionsEndAtFirstWord) continue;
                others.AddRange(words.Skip(i));
                break;
            }
            if (word[1] == '-') TakeLong(path, words, word, ref i, values);
            else TakeLetters(path, words, word, ref i, values);
        }
        return new ParsedArguments(values, others);
    }

    /// <summary>Checks the number of words, with docker's texts.</summary>
    public static void CheckCount(CommandPath path, int count)
    {
        var (min, max) = (path.Command.MinWords, path.Command.MaxWords);
        if (count >= min && count <= max) return;
        if (max == 0) throw UsageException.BadCount(path, "accepts no arguments", "Run");
        if (min == max) throw UsageException.BadCount(path, $"requires {Count(min)}", "Run");
        if (max == int.MaxValue) throw UsageException.BadCount(path, $"requires at least {Count(min)}", "See");
        throw UsageException.BadCount(path, min == 0 ? $"requires at most {Count(max)}" : $"requires at least {min} and at most {Count(max)}", "Run");
    }

    private static string Count(int n) => n == 1 ? "1 argument" : $"{n} arguments";

    private static void TakeLong(CommandPath path, IReadOnlyList<string> words, string word, ref int i, Dictionary<Option, object?> values)
    {
        int equals = word.IndexOf('=');
        string name = equals < 0 ? word[2..] : word[2..equals];
        if (name.Length == 0 || name[0] == '-') throw UsageException.BadOption(path, $"bad flag syntax: {word}");
        var option = path.Command.Options.FirstOrDefault(o => o.Name == name) ?? (name == Help.Name ? Help : throw UsageException.BadOption(path, $"unknown flag: --{name}"));
        string value = equals >= 0 ? word[(equals + 1)..]
            : option.IsFlag ? "true"
            : i < words.Count ? words[i++]
            : throw UsageException.BadOption(path, $"flag needs an argument: --{name}");
        Take(path, option, value, values);
    }

    private static void TakeLetters(CommandPath path, IReadOnlyList<string> words, string word, ref int i, Dictionary<Option, object?> values)
    {
        for (int at = 1; at < word.Length; at++)
        {
            char letter = word[at];
            // -h is no letter of docker's help any more, and is understood all the same.
            var option = path.Command.Options.FirstOrDefault(o => o.Letter == letter) ?? (letter == 'h' ? Help : null)
                ?? throw UsageException.BadOption(path, $"unknown shorthand flag: '{letter}' in -{word[at..]}");
            string rest = word[(at + 1)..];
            if (rest.StartsWith('=') && rest.Length > 1)
            {
                Take(path, option, rest[1..], values);
                return;
            }
            if (option.IsFlag)
            {
                Take(path, option, "true", values);
                continue;
            }
            string value = rest.Length > 0 ? rest
                : i < words.Count ? words[i++]
                : throw UsageException.BadOption(path, $"flag needs an argument: '{letter}' in -{word[at..]}");
            Take(path, option, value, values);
            return;
        }
    }

    private static void Take(CommandPath path, Option option, string value, Dictionary<Option, object?> values)
    {
        if (option.Refusal is { } reason) throw UsageException.BadOption(path, $"option --{option.Name} is not supported: {reason}");
        try
        {
            values[option] = option.Take(values.TryGetValue(option, out object? before) ? before : option.Initial, value);
        }
        catch (FormatException e)
        {
            throw UsageException.BadOption(path, $"invalid argument \"{value}\" for \"{option.DisplayName}\" flag: {e.Message}");
        }
    }
}
