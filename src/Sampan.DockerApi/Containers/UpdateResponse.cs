using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Containers;

/// <summary>The answer of POST /containers/{id}/update.</summary>
public sealed record UpdateResponse
{
    /// <summary>Options that were accepted but do nothing on this host.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Warnings { get; init; }
}
