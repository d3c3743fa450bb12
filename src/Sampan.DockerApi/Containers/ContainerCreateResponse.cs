using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Containers;

/// <summary>The answer of POST /containers/create.</summary>
public sealed record ContainerCreateResponse
{
    /// <summary>The container's id.</summary>
    public string Id { get; init => field = value ?? ""; } = "";

    /// <summary>Options that were accepted but do nothing on this host.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Warnings { get; init; }
}
