using System.Text.Json.Serialization;

namespace Sampan.Storage.Distribution;

/// <summary>What a token server answers; old ones name the token <c>token</c>, OAuth 2 ones <c>access_token</c>.</summary>
internal sealed record TokenAnswer
{
    [JsonPropertyName("token")]
    public string? Token { get; init; }

    [JsonPropertyName("access_token")]
    public string? AccessToken { get; init; }

    [JsonPropertyName("refresh_token")]
    public string? RefreshToken { get; init; }

    /// <summary>Seconds that it is good for; 60 if it does not say.</summary>
    [JsonPropertyName("expires_in")]
    public double? ExpiresIn { get; init; }
}
