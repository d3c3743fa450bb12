namespace Sampan.Build.Parsing;

/// <summary>The <c>--name[=value]</c> words at the beginning of an instruction.</summary>
internal sealed class InstructionFlags
{
    private readonly List<(string Name, string? Value)> _flags = [];
    private readonly RawInstruction _raw;

    private InstructionFlags(RawInstruction raw) => _raw = raw;

    /// <summary>What follows them.</summary>
    internal string Rest { get; private set; } = "";

    /// <summary>Takes the flags off.</summary>
    /// <param name="raw">The instruction.</param>
    /// <param name="escape">The escape character.</param>
    /// <param name="known">Flags that the instruction has; a name that ends with <c>*</c> may be repeated.</param>
    internal static InstructionFlags Take(RawInstruction raw, char escape, params ReadOnlySpan<string> known)
    {
        var flags = new InstructionFlags(raw);
        var rest = raw.Rest;
        while (rest.StartsWith("--", StringComparison.Ordinal))
        {
            var word = Words.Split(rest, escape)[0];
            rest = rest[word.Length..].TrimStart();
            if (word == "--")
                break;
            var text = Words.Unquote(word, escape)[2..];
            var equals = text.IndexOf('=');
            flags.Add(equals < 0 ? text : text[..equals], equals < 0 ? null : text[(equals + 1)..], known);
        }
        flags.Rest = rest;
        return flags;
    }

    /// <summary>The value of a flag; null: it is not there.</summary>
    internal string? Text(string name)
    {
        if (_flags.Find(flag => flag.Name == name) is not { Name: not null } found)
            return null;
        return found.Value is { Length: > 0 } value ? value : throw Wrong($"missing a value on flag: {name}", name);
    }

    /// <summary>Every value of a flag that may be repeated.</summary>
    internal IReadOnlyList<string> All(string name) => [.. _flags.Where(flag => flag.Name == name).Select(flag => flag.Value ?? "")];

    /// <summary>A switch: given alone it is on; null: it is not there.</summary>
    internal bool? Switch(string name) => _flags.Find(flag => flag.Name == name) switch
    {
        { Name: null } => null,
        { Value: null } => true,
        { Value: "true" or "1" } => true,
        { Value: "false" or "0" } => false,
        { Value: var other } => throw Wrong($"expecting boolean value for flag {name}, not: {other}", name),
    };

    private void Add(string name, string? value, ReadOnlySpan<string> known)
    {
        var repeats = known.Contains(name + "*");
        if (!repeats && !known.Contains(name))
            throw Wrong($"unknown flag: --{name}", name);
        if (!repeats && _flags.Exists(flag => flag.Name == name))
            throw Wrong($"duplicate flag specified: --{name}", name);
        _flags.Add((name, value));
    }

    private DockerfileException Wrong(string reason, string name) => new(reason, _raw.Place) { Word = "--" + name };
}
