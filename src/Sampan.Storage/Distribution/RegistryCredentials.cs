namespace Sampan.Storage.Distribution;

/// <summary>What a user has to show at one registry. It goes to that registry and to the token server that the registry names, nowhere else.</summary>
public sealed record RegistryCredentials
{
    /// <summary>The user, or null.</summary>
    public string? Username { get; init; }

    /// <summary>The password, or null.</summary>
    public string? Password { get; init; }

    /// <summary>A refresh token that stands for user and password, or null.</summary>
    public string? IdentityToken { get; init; }

    /// <summary>A finished bearer token, or null.</summary>
    public string? RegistryToken { get; init; }

    /// <summary>True if there is nothing to show.</summary>
    public bool IsEmpty => string.IsNullOrEmpty(Username) && string.IsNullOrEmpty(IdentityToken) && string.IsNullOrEmpty(RegistryToken);

    /// <summary>Only the user's name: secrets must not reach a log (CVE-2019-13509).</summary>
    public override string ToString() => $"credentials of '{Username}'";
}
