namespace Sampan.Runtime.Commands;

/// <summary>Takes options and arguments off a command line: <c>--name value</c>, <c>--name=value</c>, one dash or two, as runc takes them.</summary>
internal sealed class Options(string[] args, int start)
{
    private int _next = start;

    /// <summary>The name of the option that <see cref="TryOption"/> found, for messages.</summary>
    private string _name = "";
    private string? _inline;

    /// <summary>Takes an option, without its dashes and value; null if an argument or the end comes next. <c>--</c> ends the options.</summary>
    internal string? TryOption()
    {
        if (_inline is not null)
            throw new UsageException($"the option '--{_name}' takes no value");
        if (_next >= args.Length || args[_next].Length < 2 || args[_next][0] != '-')
            return null;
        var text = args[_next++];
        if (text == "--")
            return null;
        text = text.TrimStart('-');
        var equals = text.IndexOf('=');
        _name = equals < 0 ? text : text[..equals];
        _inline = equals < 0 ? null : text[(equals + 1)..];
        return _name;
    }

    /// <summary>The value of the option just taken.</summary>
    internal string Value()
    {
        if (_inline is { } value)
        {
            _inline = null;
            return value;
        }
        return _next < args.Length ? args[_next++] : throw new UsageException($"the option '--{_name}' needs a value");
    }

    /// <summary>The value of a switch: <c>--all</c>, <c>--all=false</c>.</summary>
    internal bool Switch()
    {
        var value = _inline;
        _inline = null;
        return value switch
        {
            null or "true" or "1" => true,
            "false" or "0" => false,
            _ => throw new UsageException($"the option '--{_name}' is a switch, '{value}' is neither true nor false"),
        };
    }

    /// <summary>The value of the option as a number.</summary>
    internal int Number()
    {
        var value = Value();
        return int.TryParse(value, out var number) ? number : throw new UsageException($"the value '{value}' of '--{_name}' is not a number");
    }

    /// <summary>The error for an option that is not known.</summary>
    internal UsageException Unknown(string command) => new($"flag provided but not defined: --{_name} (see 'sampan-runtime --help', command '{command}')");

    /// <summary>Takes an argument, or null at the end.</summary>
    internal string? TryArgument() => _next < args.Length ? args[_next++] : null;

    /// <summary>Takes an argument that must be there.</summary>
    internal string Argument(string what) => TryArgument() ?? throw new UsageException($"the argument '{what}' is missing");

    /// <summary>Everything that is left.</summary>
    internal string[] Rest()
    {
        var rest = args[_next..];
        _next = args.Length;
        return rest;
    }

    /// <summary>Throws if anything is left.</summary>
    internal void RequireEnd(string command)
    {
        if (_next < args.Length)
            throw new UsageException($"'{args[_next]}' is too much for command '{command}'");
    }
}
