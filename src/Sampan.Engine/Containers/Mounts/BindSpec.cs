namespace Sampan.Engine.Containers.Mounts;

/// <summary>One <c>-v source:target[:options]</c>; see <see cref="Parse"/>.</summary>
public sealed record BindSpec
{
    private const string IdMapOption = "idmap=";

    private static readonly string[] Propagations = ["private", "rprivate", "shared", "rshared", "slave", "rslave"];

    /// <summary>An absolute path of the host or a volume's name.</summary>
    public required string Source { get; init; }

    /// <summary>The absolute path inside.</summary>
    public required string Target { get; init; }

    /// <summary>The options as given, comma-separated; null: none were.</summary>
    public string? Options { get; init; }

    /// <summary>What is mounted below a read-only one can be written: so older clients mean it.</summary>
    public bool ReadOnlyNonRecursive { get; init; }

    /// <summary>True when the source is a volume's name rather than a path.</summary>
    public bool IsVolume => !Source.StartsWith('/');

    /// <summary>It cannot be written through this mount.</summary>
    public bool ReadOnly => Has("ro");

    /// <summary>An empty volume is not filled from the image.</summary>
    public bool NoCopy => Has("nocopy");

    /// <summary>Other owners for the files; null: those they have.</summary>
    public IdMapSpec? IdMap => Options?.Split(',').FirstOrDefault(o => o.StartsWith(IdMapOption, StringComparison.Ordinal)) is { } map ? IdMapSpec.Parse(map[IdMapOption.Length..]) : null;

    /// <summary>How later mounts travel; null: not given.</summary>
    public string? Propagation => Options?.Split(',').FirstOrDefault(o => Propagations.Contains(o));

    /// <summary>True for the words that say how later mounts travel.</summary>
    public static bool IsPropagation(string word) => Propagations.Contains(word);

    /// <summary>Docker's notation.</summary>
    public override string ToString() => Options is null ? $"{Source}:{Target}" : $"{Source}:{Target}:{Options}";

    /// <summary>Reads Docker's notation.</summary>
    /// <param name="text"><c>source:target[:options]</c>.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: the text is not such a notation.</exception>
    public static BindSpec Parse(string text)
    {
        var parts = text.Split(':');
        if (parts.Length is < 2 or > 3 || parts[0].Length == 0 || parts[1].Length == 0)
            throw EngineException.Invalid($"invalid volume specification: '{text}'");
        var bind = new BindSpec { Source = parts[0], Target = parts[1], Options = parts.Length == 3 ? parts[2] : null };
        var kind = bind.IsVolume ? "volume" : "bind";
        if (!bind.Target.StartsWith('/'))
            throw EngineException.Invalid($"invalid volume specification: '{text}': invalid mount config for type \"{kind}\": invalid mount path: '{bind.Target}' mount path must be absolute");
        if (bind.Target.Trim('/').Length == 0)
            throw EngineException.Invalid($"invalid volume specification: '{text}': invalid mount config for type \"{kind}\": invalid specification: destination can't be '/'");
        var topics = new HashSet<string>(StringComparer.Ordinal);
        foreach (var option in bind.Options?.Split(',') ?? [])
        {
            // Of each kind one, as with Docker: what 'ro,rw' means nobody knows.
            if (TopicOf(option) is not { } topic)
                throw EngineException.Invalid($"invalid volume specification: '{text}': invalid mode: {option}");
            if (!topics.Add(topic))
                throw EngineException.Invalid($"invalid volume specification: '{text}': invalid mode: {bind.Options}: only one option says {topic}");
        }

        if (bind.IsVolume && bind.Propagation is { } propagation)
            throw EngineException.Invalid($"invalid volume specification: '{text}': invalid mount config for type \"volume\": field BindOptions must not be specified: '{propagation}' is for host paths");
        if (!bind.IsVolume && bind.NoCopy)
            throw EngineException.Invalid($"invalid volume specification: '{text}': invalid mount config for type \"bind\": field VolumeOptions must not be specified: 'nocopy' is for volumes");
        _ = bind.IdMap;
        return bind;
    }

    // z and Z relabel for SELinux; where it is absent they say nothing, as with Docker.
    private static string? TopicOf(string option) => option switch
    {
        "ro" or "rw" => "whether it can be written to",
        "z" or "Z" => "how it is labelled",
        "nocopy" => "whether it is filled",
        "consistent" or "cached" or "delegated" => "how consistent it is",
        _ when IsPropagation(option) => "how mounts travel",
        _ when option.StartsWith(IdMapOption, StringComparison.Ordinal) => "whose the files are",
        _ => null,
    };

    private bool Has(string option) => Options?.Split(',').Contains(option) ?? false;
}
