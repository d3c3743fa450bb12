using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Events;

/// <summary>One line of GET /events.</summary>
public sealed record EventMessage
{
    /// <summary>The action, for old clients.</summary>
    [JsonPropertyName("status")]
    public string? Status { get; init; }

    /// <summary>The actor's id, for old clients.</summary>
    [JsonPropertyName("id")]
    public string? Id { get; init; }

    /// <summary>The image, for old clients.</summary>
    [JsonPropertyName("from")]
    public string? From { get; init; }

    /// <summary>container, image, volume, network, daemon, plugin …</summary>
    public string Type { get; init => field = value ?? ""; } = "";

    /// <summary>What happened, such as start or 'exec_create: ls'.</summary>
    public string Action { get; init => field = value ?? ""; } = "";

    /// <summary>What it happened to.</summary>
    public EventActor? Actor { get; init; }

    /// <summary>local or swarm.</summary>
    [JsonPropertyName("scope")]
    public string Scope { get; init => field = value ?? ""; } = "";

    /// <summary>When, seconds since 1970.</summary>
    [JsonPropertyName("time")]
    public long Time { get; init; }

    /// <summary>When, nanoseconds since 1970.</summary>
    [JsonPropertyName("timeNano")]
    public long TimeNano { get; init; }
}
