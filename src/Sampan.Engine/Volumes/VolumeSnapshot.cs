using System.Collections.ObjectModel;
using System.Text.Json;

namespace Sampan.Engine.Volumes;

/// <summary>A volume.</summary>
public sealed record VolumeSnapshot
{
    /// <summary>The name; 64 hexadecimal digits for an anonymous one.</summary>
    public required string Name { get; init; }

    /// <summary>The directory on the host.</summary>
    public required string Mountpoint { get; init; }

    /// <summary>Its driver.</summary>
    public string Driver { get; init; } = "local";

    /// <summary><c>local</c> or <c>global</c>.</summary>
    public string Scope { get; init; } = "local";

    /// <summary>What its plugin says of it; null: nothing.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Status { get; init; }

    /// <summary>It is a snapshot: it can only be mounted read-only.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The user's labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>The driver's options as given.</summary>
    public IReadOnlyDictionary<string, string> Options { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>It was made for a container and is removed with it.</summary>
    public bool Anonymous { get; init; }
}
