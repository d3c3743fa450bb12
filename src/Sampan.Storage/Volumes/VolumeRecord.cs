using System.Text.Json.Serialization;

namespace Sampan.Storage.Volumes;

/// <summary>A named volume.</summary>
public sealed record VolumeRecord
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Free labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init => field = value ?? None; } = None;

    /// <summary>Options it was made with.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init => field = value ?? None; } = None;

    /// <summary>True if the engine made up the name for a container: it goes with the container if asked.</summary>
    public bool Anonymous { get; init; }

    /// <summary>The directory of the host that holds the data.</summary>
    [JsonIgnore]
    public string MountPoint { get; init; } = "";

    private static IReadOnlyDictionary<string, string> None { get; } = new Dictionary<string, string>();
}
