using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Images;

/// <summary>One entry of GET /images/{name}/history, newest first.</summary>
public sealed record HistoryItem
{
    /// <summary>The image of this step, or &lt;missing&gt;.</summary>
    public string Id { get; init => field = value ?? ""; } = "";

    /// <summary>When the step ran, seconds since 1970.</summary>
    public long Created { get; init; }

    /// <summary>The instruction.</summary>
    public string CreatedBy { get; init => field = value ?? ""; } = "";

    /// <summary>Names of the image of this step.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Bytes of the step's layer.</summary>
    public long Size { get; init; }

    /// <summary>The step's comment.</summary>
    public string Comment { get; init => field = value ?? ""; } = "";
}
