using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Engines;

/// <summary>One registry.</summary>
public sealed record RegistryIndex
{
    /// <summary>Its name.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>Its mirrors.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Mirrors { get; init; }

    /// <summary>Whether it must use TLS.</summary>
    public bool Secure { get; init; }

    /// <summary>Whether it is the default registry.</summary>
    public bool Official { get; init; }
}
