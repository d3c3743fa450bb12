using Sampan.Oci.Images;

namespace Sampan.Storage.Distribution;

/// <summary>The registry that names without a host belong to. Its name in references, its API and its index are three different hosts.</summary>
public sealed record DefaultRegistry
{
    /// <summary>Its name in references.</summary>
    public string Domain { get; init; } = ImageReference.DefaultDomain;

    /// <summary>Where the registry's API is.</summary>
    public Uri Api { get; init; } = new("https://registry-1.docker.io/");

    /// <summary>Where images are searched for; also the key of its credentials in clients' configuration files, with <c>v1/</c>.</summary>
    public Uri Index { get; init; } = new("https://index.docker.io/");

    /// <summary>True if a server's address, as clients give it with credentials, means this registry.</summary>
    /// <param name="address">A host or URL; empty means the default one.</param>
    public bool IsMeantBy(string? address)
    {
        var host = HostOf(address);
        return host.Length == 0 || host == Domain || host == Index.Host || host == Api.Host;
    }

    /// <summary>The host, with its port, of an address that may be a URL.</summary>
    /// <param name="address">A host or URL.</param>
    public static string HostOf(string? address)
    {
        var text = address ?? "";
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        text = scheme < 0 ? text : text[(scheme + 3)..];
        var slash = text.IndexOf('/');
        return slash < 0 ? text : text[..slash];
    }
}
