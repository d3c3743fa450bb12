using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Containers.Stats;

/// <summary>One block I/O counter.</summary>
public sealed record BlkioEntry
{
    /// <summary>Major number of the device.</summary>
    [JsonPropertyName("major")]
    public ulong Major { get; init; }

    /// <summary>Minor number of the device.</summary>
    [JsonPropertyName("minor")]
    public ulong Minor { get; init; }

    /// <summary>The operation.</summary>
    [JsonPropertyName("op")]
    public string Op { get; init => field = value ?? ""; } = "";

    /// <summary>The count.</summary>
    [JsonPropertyName("value")]
    public ulong Value { get; init; }
}
