namespace Sampan.Cli.Commands.Images;

/// <summary><c>type=local,dest=out</c>: the form of --output, --cache-to, --cache-from.</summary>
internal sealed class KeyValues
{
    private readonly Dictionary<string, string> _pairs = new(StringComparer.Ordinal);
    private readonly string _text;

    private KeyValues(string text) => _text = text;

    public string Type => this["type"] ?? throw new CommandException($"type is required in '{_text}'");

    /// <summary>A value; null: not given.</summary>
    public string? this[string key] => _pairs.GetValueOrDefault(key);

    /// <summary>Reads it.</summary>
    /// <param name="option">Whose value it is, for errors.</param>
    /// <param name="text">The value.</param>
    /// <param name="known">The keys that there are.</param>
    public static KeyValues Parse(string option, string text, params ReadOnlySpan<string> known)
    {
        var values = new KeyValues(text);
        foreach (string part in text.Split(','))
        {
            int equals = part.IndexOf('=');
            if (equals <= 0) throw new CommandException($"invalid value '{text}' of --{option}: '{part}' is no key=value");
            string key = part[..equals].ToLowerInvariant();
            if (!known.Contains(key)) throw new CommandException($"invalid value '{text}' of --{option}: '{key}' is not known or not supported");
            values._pairs[key] = part[(equals + 1)..];
        }
        return values;
    }

    public string Required(string key) => this[key] is { Length: > 0 } value ? value : throw new CommandException($"{key} is required in '{_text}'");

    /// <summary>A switch; absent: as said.</summary>
    public bool Flag(string key, bool whenAbsent = false) => this[key] switch
    {
        null => whenAbsent,
        "true" or "1" => true,
        "false" or "0" => false,
        var other => throw new CommandException($"invalid value '{other}' of {key} in '{_text}': expected true or false"),
    };
}
