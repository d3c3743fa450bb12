using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Execs;

/// <summary>The process of an exec.</summary>
public sealed record ExecProcessConfig
{
    /// <summary>Whether it has a pseudo-terminal.</summary>
    [JsonPropertyName("tty")]
    public bool Tty { get; init; }

    /// <summary>The program.</summary>
    [JsonPropertyName("entrypoint")]
    public string Entrypoint { get; init => field = value ?? ""; } = "";

    /// <summary>The program's arguments.</summary>
    [JsonPropertyName("arguments")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Arguments { get; init; }

    /// <summary>Whether it has all privileges.</summary>
    [JsonPropertyName("privileged")]
    public bool? Privileged { get; init; }

    /// <summary>Its user.</summary>
    [JsonPropertyName("user")]
    public string? User { get; init; }
}
