namespace Sampan.Cli.Registries;

/// <summary>Which registry a name means, as far as the command line has to know: to find its credentials.</summary>
internal static class RegistryName
{
    /// <summary>Docker's own registry in image names.</summary>
    public const string Default = "docker.io";

    /// <summary>The key of its credentials in configuration files.</summary>
    public const string DefaultKey = "https://index.docker.io/v1/";

    /// <summary>The registry of an image's name: what stands before the first slash, if it looks like a host.</summary>
    public static string OfImage(string image)
    {
        int slash = image.IndexOf('/');
        if (slash < 0) return Default;
        string first = image[..slash];
        bool host = first.Contains('.') || first.Contains(':') || first == "localhost" || first.Any(char.IsAsciiLetterUpper);
        return host ? Normal(first) : Default;
    }

    /// <summary>An image's name with its registry: nginx:1 → docker.io/library/nginx:1.</summary>
    public static string Full(string image) =>
        OfImage(image) != Default ? image
        : image.StartsWith(Default + "/", StringComparison.Ordinal) && image.IndexOf('/', Default.Length + 1) > 0 ? image
        : image.StartsWith(Default + "/", StringComparison.Ordinal) ? $"{Default}/library/{image[(Default.Length + 1)..]}"
        : image.Contains('/') ? $"{Default}/{image}" : $"{Default}/library/{image}";

    /// <summary>The key of a registry's credentials: itself, but for Docker's own.</summary>
    public static string Key(string registry) => Normal(Host(registry)) is Default ? DefaultKey : Host(registry);

    /// <summary>Host and port of what may be a URL.</summary>
    public static string Host(string registry)
    {
        int scheme = registry.IndexOf("://", StringComparison.Ordinal);
        string rest = scheme < 0 ? registry : registry[(scheme + 3)..];
        int slash = rest.IndexOf('/');
        return slash < 0 ? rest : rest[..slash];
    }

    private static string Normal(string host) => host is "" or "index.docker.io" or "registry-1.docker.io" ? Default : host;
}
