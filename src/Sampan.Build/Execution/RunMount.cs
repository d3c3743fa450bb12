using System.Globalization;
using Sampan.Build.Parsing;

namespace Sampan.Build.Execution;

/// <summary>One <c>RUN --mount</c>, read and checked.</summary>
internal sealed record RunMount
{
    private static readonly string[] s_kinds = ["bind", "cache", "tmpfs", "secret", "ssh"];

    /// <summary><c>bind</c>, <c>cache</c>, <c>tmpfs</c>, <c>secret</c>, <c>ssh</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Where; absolute; null: not given.</summary>
    public string? Target { get; init; }

    /// <summary>Its options by their first names.</summary>
    public required IReadOnlyDictionary<string, string> Options { get; init; }

    /// <summary>An option's value; null: not given.</summary>
    internal string? this[string name] => Options.GetValueOrDefault(name);

    /// <summary>Reads <c>type=cache,target=/x,…</c>.</summary>
    /// <param name="text">As written.</param>
    /// <param name="expand">Puts variables in.</param>
    /// <param name="absolute">Makes a path absolute.</param>
    /// <param name="place">For errors.</param>
    internal static RunMount Parse(string text, Func<string, SourcePlace, string> expand, Func<string, string> absolute, SourcePlace place)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=');
            var name = (equals < 0 ? part : part[..equals]).ToLowerInvariant();
            name = name switch { "dst" or "destination" => "target", "src" => "source", "readonly" => "ro", "readwrite" => "rw", _ => name };
            var value = equals < 0 ? "true" : expand(part[(equals + 1)..], place);
            if (equals < 0 && name is not ("ro" or "rw" or "required"))
                throw Wrong($"invalid field '{part}' must be a key=value pair", place);
            if (!options.TryAdd(name, value))
                throw Wrong($"field '{name}' is given twice", place);
        }
        var kind = options.GetValueOrDefault("type") ?? "bind";
        if (!s_kinds.Contains(kind))
            throw Wrong($"unsupported mount type \"{kind}\"", place);
        var known = kind switch
        {
            "bind" => new[] { "type", "target", "source", "from", "ro", "rw" },
            "cache" => ["type", "target", "source", "from", "id", "ro", "rw", "sharing", "mode", "uid", "gid"],
            "tmpfs" => ["type", "target", "size"],
            "secret" => ["type", "target", "source", "id", "env", "required", "mode", "uid", "gid"],
            _ => ["type", "target", "id", "required", "mode", "uid", "gid"],
        };
        if (options.Keys.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
            throw Wrong($"unexpected key '{unknown}' for mount type '{kind}'", place);
        if (!options.TryGetValue("target", out var target) && kind is "bind" or "cache" or "tmpfs")
            throw Wrong($"target is required for mount type '{kind}'", place);
        if (kind == "cache" && options.ContainsKey("source") && !options.ContainsKey("from"))
            throw Wrong("a source of a cache needs a from: a cache begins empty", place);
        if (options.GetValueOrDefault("sharing") is { } sharing && sharing is not ("shared" or "private" or "locked"))
            throw Wrong($"unsupported sharing value \"{sharing}\"", place);
        target = target is null ? null : absolute(target);
        if (target == "/")
            throw Wrong("invalid mount target \"/\"", place);
        var mount = new RunMount { Kind = kind, Target = target, Options = options };
        _ = (mount.Number("uid", 10, place), mount.Number("gid", 10, place), mount.Number("mode", 8, place), mount.Size(place), mount.Flag("ro", place), mount.Flag("rw", place), mount.Flag("required", place));
        return mount;
    }

    /// <summary>A number; null: not given.</summary>
    internal uint? Number(string name, int radix, SourcePlace place)
    {
        if (this[name] is not { } text)
            return null;
        if (radix == 8)
            return text.Length is > 0 and <= 6 && text.All(c => c is >= '0' and <= '7') ? Convert.ToUInt32(text, 8) & 0xfff : throw Wrong($"invalid value {text} for {name}", place);
        return uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= int.MaxValue ? number : throw Wrong($"invalid value {text} for {name}", place);
    }

    /// <summary>A switch.</summary>
    internal bool Flag(string name, SourcePlace place) => this[name]?.ToLowerInvariant() switch
    {
        null or "false" or "0" => false,
        "true" or "1" => true,
        var other => throw Wrong($"invalid value for '{name}': {other}", place),
    };

    /// <summary>Bytes of a tmpfs; null: not given.</summary>
    internal long? Size(SourcePlace place)
    {
        if (this["size"] is not { } text)
            return null;
        var digits = text.TrimEnd('b', 'B', 'i', 'I');
        var shift = digits.Length == 0 ? -1 : char.ToLowerInvariant(digits[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, >= '0' and <= '9' => 0, _ => -1 };
        digits = shift > 0 ? digits[..^1] : digits;
        return shift >= 0 && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= long.MaxValue >> shift
            ? number << shift : throw Wrong($"invalid value for 'size': {text}", place);
    }

    private static DockerfileException Wrong(string reason, SourcePlace place) => new($"invalid mount: {reason}", place);
}
