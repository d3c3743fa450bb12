using System.Text.Json;
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

    /// <summary>The container that it was made for when that was created, as long as nobody else has asked for it: it goes with one that was not finished. Null: anybody may use it.</summary>
    public string? MadeFor { get; init; }

    /// <summary>The plugin that has it; null: the local driver.</summary>
    public string? Driver { get; init; }

    /// <summary>It is a snapshot of another: it is mounted read-only, or cloned.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>The file system's number for it where its size is limited; null: it is not.</summary>
    public uint? Project { get; init; }

    /// <summary><c>local</c>, or <c>global</c> if a plugin has it that serves many machines.</summary>
    public string Scope { get; init => field = value ?? "local"; } = "local";

    /// <summary>What the plugin says of it at the moment; null: nothing was asked or said.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, JsonElement>? Status { get; init; }

    /// <summary>The directory of the host that holds the data; empty if the plugin says so only when it mounts it.</summary>
    [JsonIgnore]
    public string MountPoint { get; init; } = "";

    /// <summary>True if something has to be mounted before it is used.</summary>
    [JsonIgnore]
    public bool NeedsMount => Driver is not null || Options.ContainsKey("device");

    /// <summary>True if it is a directory of the host, with the host's owners.</summary>
    [JsonIgnore]
    public bool IsBind => Driver is null && Options.TryGetValue("o", out var words) && words.Split(',').Any(word => word is "bind" or "rbind");

    private static IReadOnlyDictionary<string, string> None { get; } = new Dictionary<string, string>();
}
