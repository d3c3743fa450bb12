using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Events;

/// <summary>What an event happened to.</summary>
public sealed record EventActor
{
    /// <summary>Its id or name.</summary>
    public string ID { get; init => field = value ?? ""; } = "";

    /// <summary>What is known of it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }
}
