using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Containers;

/// <summary>Options of a bind mount.</summary>
public sealed record BindOptions
{
    /// <summary>private, rprivate, shared, rshared, slave or rslave.</summary>
    public string? Propagation { get; init; }

    /// <summary>Whether mounts below the source stay out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool NonRecursive { get; init; }

    /// <summary>Whether a missing source directory is made.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool CreateMountpoint { get; init; }

    /// <summary>Whether only the top mount is read-only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ReadOnlyNonRecursive { get; init; }

    /// <summary>Whether a mount that can't be read-only throughout is an error.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ReadOnlyForceRecursive { get; init; }
}
