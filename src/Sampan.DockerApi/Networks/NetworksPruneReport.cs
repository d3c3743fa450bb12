using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Networks;

/// <summary>The answer of POST /networks/prune.</summary>
public sealed record NetworksPruneReport
{
    /// <summary>Names of the removed networks.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? NetworksDeleted { get; init; }
}
