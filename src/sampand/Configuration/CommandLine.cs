namespace Sampand.Configuration;

/// <summary>The command line, read.</summary>
internal sealed class CommandLine
{
    private CommandLine()
    {
    }

    /// <summary>The settings given as flags.</summary>
    internal Settings Settings { get; } = new();

    /// <summary>The configuration file; null: not given.</summary>
    internal string? ConfigFile { get; private set; }

    /// <summary>Print the help and end.</summary>
    internal bool Help { get; private set; }

    /// <summary>Print the version and end.</summary>
    internal bool Version { get; private set; }

    /// <summary>Check the settings and end.</summary>
    internal bool Validate { get; private set; }

    /// <summary>Reads <c>--flag value</c>, <c>--flag=value</c>, <c>-f value</c> and <c>-fvalue</c>.</summary>
    /// <exception cref="ConfigurationException">An unknown flag, a missing value, or a stray word.</exception>
    internal static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        var line = new CommandLine();
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (argument.Length < 2 || argument[0] != '-')
                throw new ConfigurationException($"unexpected argument '{argument}'; see 'sampand --help'");
            var isLong = argument[1] == '-';
            var equals = argument.IndexOf('=');
            var name = isLong ? (equals < 0 ? argument[2..] : argument[2..equals]) : argument[1..2];
            var attached = isLong ? (equals < 0 ? null : argument[(equals + 1)..]) : (argument.Length > 2 ? argument[2..].TrimStart('=') : null);
            if (attached is null && line.TakeAction(name))
                continue;

            string Next() => attached ?? (++i < arguments.Count ? arguments[i] : throw new ConfigurationException($"flag needs an argument: '{argument}'"));
            if (isLong && name is "config" or "config-file")
            {
                line.ConfigFile = Next();
                continue;
            }

            var option = isLong ? OptionTable.ByFlag(name) : OptionTable.ByLetter(name[0]);
            if (option is null)
            {
                throw new ConfigurationException(isLong && OptionTable.Missing.Contains(name)
                    ? $"flag '--{name}' of dockerd is not supported"
                    : $"unknown flag: '{argument}'; see 'sampand --help'");
            }

            line.Settings.Add(option, option.Kind == OptionKind.Switch ? attached ?? "true" : Next());
        }

        return line;
    }

    private bool TakeAction(string name)
    {
        switch (name)
        {
            case "h" or "help":
                return Help = true;
            case "v" or "version":
                return Version = true;
            case "validate":
                return Validate = true;
            default:
                return false;
        }
    }
}
