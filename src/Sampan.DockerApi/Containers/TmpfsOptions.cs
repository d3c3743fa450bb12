namespace Sampan.DockerApi.Containers;

/// <summary>Options of a temporary filesystem.</summary>
public sealed record TmpfsOptions
{
    /// <summary>Size in bytes; null: no limit.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>Permission bits, as a decimal number.</summary>
    public int? Mode { get; init; }

    /// <summary>Further options, each a name and maybe a value.</summary>
    public IReadOnlyList<IReadOnlyList<string>>? Options { get; init; }
}
