namespace Sampan.Storage.Distribution;

/// <summary>One place to ask for a repository.</summary>
internal sealed record RegistryEndpoint
{
    /// <summary>Scheme, host and port.</summary>
    public required Uri Base { get; init; }

    /// <summary>The repository's name there.</summary>
    public required string Repository { get; init; }

    /// <summary>The name by which its certificates are found and people know it.</summary>
    public required string Host { get; init; }

    /// <summary>True if nobody needs to vouch for its certificate.</summary>
    public bool SkipVerify { get; init; }

    /// <summary>The registry that it stands for, if it is a mirror of several.</summary>
    public string? Namespace { get; init; }

    /// <summary>What a token's scope calls the repository: Docker's registry keeps plugins apart.</summary>
    public string ResourceClass { get; init; } = "repository";

    /// <summary>True if it is not the registry that the image's name means: it gets nobody's credentials.</summary>
    public bool IsMirror { get; init; }

    /// <summary>A resource of the repository.</summary>
    /// <param name="rest">What follows the repository, for example <c>manifests/latest</c>.</param>
    internal Uri Of(string rest)
    {
        var uri = new Uri(Base, $"v2/{Repository}/{rest}");
        if (Namespace is null)
            return uri;
        return new Uri(uri.AbsoluteUri + (uri.Query.Length == 0 ? "?" : "&") + "ns=" + Uri.EscapeDataString(Namespace));
    }
}
