namespace Sampan.Engine.Containers;

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

    /// <summary>Docker's notation.</summary>
    public override string ToString() => Options is null ? $"{Source}:{Target}" : $"{Source}:{Target}:{Options}";

    /// <summary>Reads Docker's notation.</summary>
    /// <param name="text"><c>source:target[:options]</c>.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: the text is not such a notation.</exception>
    public static BindSpec Parse(string text)
    {
        var parts = text.Split(':');
        if (parts.Length is < 2 or > 3 || parts[0].Length == 0 || parts[1].Length == 0)
            throw EngineException.Invalid($"invalid volume specification: '{text}': expected source:target[:options]");
        var bind = new BindSpec { Source = parts[0], Target = parts[1], Options = parts.Length == 3 ? parts[2] : null };
        if (!bind.Target.StartsWith('/'))
            throw EngineException.Invalid($"invalid volume specification: '{text}': invalid mount path: '{bind.Target}' mount path must be absolute");
        if (bind.Target.Trim('/').Length == 0)
            throw EngineException.Invalid($"invalid volume specification: '{text}': invalid specification: destination can't be '/'");
        foreach (var option in bind.Options?.Split(',') ?? [])
        {
            // z and Z relabel for SELinux, which is absent; Docker ignores them there as well.
            var known = option is "ro" or "rw" or "z" or "Z" or "nocopy" or "consistent" or "cached" or "delegated" || Propagations.Contains(option) || option.StartsWith(IdMapOption, StringComparison.Ordinal);
            if (!known)
                throw EngineException.Invalid($"invalid volume specification: '{text}': invalid mode: {option}");
        }

        _ = bind.IdMap;
        return bind;
    }

    private bool Has(string option) => Options?.Split(',').Contains(option) ?? false;
}
