using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Containers;

/// <summary>What the storage driver says of a container or an image.</summary>
public sealed record DriverData
{
    /// <summary>Data by name, such as UpperDir.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyDictionary<string, string>? Data { get; init; }

    /// <summary>The driver's name.</summary>
    public string Name { get; init => field = value ?? ""; } = "";
}
