using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Engines;

/// <summary>Credentials of a registry: the body of POST /auth and the content of X-Registry-Auth.</summary>
public sealed record AuthConfig
{
    /// <summary>The user.</summary>
    [JsonPropertyName("username")]
    public string? Username { get; init; }

    /// <summary>The password.</summary>
    [JsonPropertyName("password")]
    public string? Password { get; init; }

    /// <summary>Unused; for old clients.</summary>
    [JsonPropertyName("email")]
    public string? Email { get; init; }

    /// <summary>The registry.</summary>
    [JsonPropertyName("serveraddress")]
    public string? ServerAddress { get; init; }

    /// <summary>A refresh token in place of the password.</summary>
    [JsonPropertyName("identitytoken")]
    public string? IdentityToken { get; init; }

    /// <summary>A bearer token.</summary>
    [JsonPropertyName("registrytoken")]
    public string? RegistryToken { get; init; }
}
