namespace Sampan.DockerApi.Engines;

/// <summary>The answer of POST /auth.</summary>
public sealed record AuthResponse
{
    /// <summary>What came of it.</summary>
    public string Status { get; init => field = value ?? ""; } = "";

    /// <summary>A token that replaces the password; empty: none.</summary>
    public string IdentityToken { get; init => field = value ?? ""; } = "";
}
