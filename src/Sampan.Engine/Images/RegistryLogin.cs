namespace Sampan.Engine.Images;

/// <summary>What a client gives to be shown at a registry.</summary>
public sealed record RegistryLogin
{
    /// <summary>The user; null: none.</summary>
    public string? Username { get; init; }

    /// <summary>The password; null: none.</summary>
    public string? Password { get; init; }

    /// <summary>A refresh token in place of both; null: none.</summary>
    public string? IdentityToken { get; init; }

    /// <summary>A finished bearer token; null: none.</summary>
    public string? RegistryToken { get; init; }

    /// <summary>The registry that it is for; null: the one in the image's name.</summary>
    public string? ServerAddress { get; init; }

    /// <summary>Only the user's name: secrets must not reach a log.</summary>
    public override string ToString() => $"login of '{Username}' at '{ServerAddress}'";
}
