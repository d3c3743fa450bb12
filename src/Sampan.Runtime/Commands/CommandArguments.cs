using System.Globalization;

namespace Sampan.Runtime.Commands;

/// <summary>A command line, taken apart by a table of options: <c>--name value</c>, <c>--name=value</c>, one dash or two, as Go programs take them.</summary>
internal sealed class CommandArguments
{
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);
    private readonly List<string> _words = [];

    private CommandArguments()
    {
    }

    /// <summary>What is no option, in order.</summary>
    internal IReadOnlyList<string> Words => _words;

    /// <summary>True if help was asked for; then nothing else was checked.</summary>
    internal bool WantsHelp { get; private set; }

    /// <summary>Takes the options of a command and its arguments.</summary>
    /// <exception cref="UsageException">An option is not known, lacks its value, or there are too many or too few arguments.</exception>
    internal static CommandArguments Parse(Command command, IReadOnlyList<string> args)
    {
        var parsed = new CommandArguments();
        parsed.Take(command.Options, args, 0, command.EndsOptionsAtArgument);
        if (parsed.WantsHelp)
            return parsed;
        var count = parsed._words.Count;
        if (count < command.Least && command.Least == command.Most)
            throw new UsageException($"sampan-runtime: \"{command.Name}\" requires exactly {command.Least} argument(s)");
        if (count < command.Least)
            throw new UsageException($"sampan-runtime: \"{command.Name}\" requires a minimum of {command.Least} argument(s)");
        if (count > command.Most)
            throw new UsageException(command.Most == command.Least ? $"sampan-runtime: \"{command.Name}\" requires exactly {command.Most} argument(s)" : $"sampan-runtime: \"{command.Name}\" requires a maximum of {command.Most} argument(s)");
        return parsed;
    }

    /// <summary>Takes options up to the first argument, for those before the command.</summary>
    /// <param name="options">The table.</param>
    /// <param name="args">All arguments.</param>
    /// <param name="next">Where the first argument that is no option stands.</param>
    internal static CommandArguments ParseGlobal(IReadOnlyList<CommandOption> options, IReadOnlyList<string> args, out int next)
    {
        var parsed = new CommandArguments();
        next = args.Count - parsed.Take(options, args, 0, endsAtWord: true);
        parsed._words.Clear();
        return parsed;
    }

    /// <returns>How many arguments are left behind the options.</returns>
    private int Take(IReadOnlyList<CommandOption> options, IReadOnlyList<string> args, int at, bool endsAtWord)
    {
        while (at < args.Count)
        {
            var text = args[at];
            if (text == "--")
            {
                at++;
                break;
            }
            if (text.Length < 2 || text[0] != '-')
            {
                if (endsAtWord)
                    break;
                _words.Add(text);
                at++;
                continue;
            }
            at = TakeOption(options, args, at);
            if (WantsHelp)
                return 0;
        }
        for (var i = at; i < args.Count; i++)
            _words.Add(args[i]);
        return args.Count - at;
    }

    private int TakeOption(IReadOnlyList<CommandOption> options, IReadOnlyList<string> args, int at)
    {
        var text = args[at++];
        var name = text.StartsWith("--", StringComparison.Ordinal) ? text[2..] : text[1..];
        string? value = null;
        var equals = name.IndexOf('=');
        if (equals >= 0)
            (name, value) = (name[..equals], name[(equals + 1)..]);
        var option = options.FirstOrDefault(one => one.IsNamed(name));
        if (option is null)
        {
            WantsHelp = name is "h" or "help";
            return WantsHelp ? at : throw new UsageException($"flag provided but not defined: -{name}");
        }
        if (option.Kind == OptionKind.Switch)
        {
            Store(option, value switch
            {
                null or "true" or "1" => "true",
                "false" or "0" => "false",
                _ => throw new UsageException($"invalid boolean value \"{value}\" for -{name}"),
            });
            return at;
        }
        if (value is null && at >= args.Count)
            throw new UsageException($"flag needs an argument: -{name}");
        Store(option, value ?? args[at++]);
        return at;
    }

    private void Store(CommandOption option, string value)
    {
        if (!_values.TryGetValue(option.Name, out var values))
            _values.Add(option.Name, values = []);
        if (option.Kind != OptionKind.List)
            values.Clear();
        values.Add(value);
    }

    /// <summary>True if a switch is on.</summary>
    internal bool Has(string name) => Text(name) == "true";

    /// <summary>A switch, or null if it was not given.</summary>
    internal bool? Given(string name) => Text(name) is { } value ? value == "true" : null;

    /// <summary>The value of an option, or null if it was not given.</summary>
    internal string? Text(string name) => _values.TryGetValue(name, out var values) ? values[^1] : null;

    /// <summary>All values of an option.</summary>
    internal IReadOnlyList<string> Texts(string name) => _values.TryGetValue(name, out var values) ? values : [];

    /// <summary>The value of an option as a number, or null if it was not given.</summary>
    /// <exception cref="UsageException">It is no number.</exception>
    internal long? Number(string name) => Text(name) is not { } text ? null
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw new UsageException($"invalid value \"{text}\" for flag -{name}: it is not a number");

    /// <summary>A number of descriptors.</summary>
    internal int Count(string name)
    {
        const int Most = 1024;
        return Number(name) switch
        {
            null => 0,
            >= 0 and <= Most and var count => (int)count,
            var other => throw new UsageException($"invalid value \"{other}\" for flag -{name}: it is not within 0 and {Most}"),
        };
    }
}
