using Sampan.Storage.Distribution;

namespace Sampan.Storage.Registry;

/// <summary>
/// Another registry that names of ours stand for: with the prefix <c>hub</c> and the upstream <c>https://registry-1.docker.io</c>,
/// <c>hub/library/nginx</c> is that one's <c>library/nginx</c>.
/// </summary>
public sealed record MirrorOptions
{
    /// <summary>What names begin with, without a slash at its end; empty: all names.</summary>
    public required string Prefix { get; init; }

    /// <summary>The other registry; a path in it stands in front of the names there.</summary>
    public required Uri Upstream { get; init; }

    /// <summary>What it wants to see, or null. It goes there and to the token server that it names, nowhere else.</summary>
    public RegistryCredentials? Credentials { get; init; }

    /// <summary>How long a tag is believed before the other registry is asked again.</summary>
    public TimeSpan TagLife { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>True if nobody needs to vouch for its certificate.</summary>
    public bool SkipVerify { get; init; }

    /// <summary>As a URL without credentials.</summary>
    public override string ToString() => $"{Prefix}={Upstream}";
}
