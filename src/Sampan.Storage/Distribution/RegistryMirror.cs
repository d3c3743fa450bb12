using System.Diagnostics.CodeAnalysis;

namespace Sampan.Storage.Distribution;

/// <summary>
/// Where else a registry's images are: names below <see cref="Source"/> are asked for below <see cref="Location"/> first.
/// <code>
/// docker.io             https://mirror.example              library/nginx → mirror.example/library/nginx
/// quay.io/team          https://cache.example/quay-team     quay.io/team/app → cache.example/quay-team/app
/// *.example.com         https://cache.example/{host}        a.example.com/app → cache.example/a.example.com/app
/// *                     http://127.0.0.1:5001               any registry; it is told which by the parameter "ns"
/// </code>
/// </summary>
public sealed record RegistryMirror
{
    private const string HostPlace = "{host}";

    private RegistryMirror(string source, Uri location, string path) => (Source, Location, Path) = (source, location, path);

    /// <summary>A registry, a registry with the beginning of a path, <c>*.domain</c>, or <c>*</c>.</summary>
    public string Source { get; }

    /// <summary>The mirror's scheme, host and port.</summary>
    public Uri Location { get; }

    /// <summary>What stands before the repository at the mirror, without slashes at its ends; <c>{host}</c> is the registry's name.</summary>
    public string Path { get; }

    /// <summary>Reads a mirror.</summary>
    /// <param name="source">What is mirrored.</param>
    /// <param name="location">The mirror's URL.</param>
    /// <param name="mirror">The mirror.</param>
    /// <param name="why">Why not.</param>
    public static bool TryCreate(string source, string location, [NotNullWhen(true)] out RegistryMirror? mirror, [NotNullWhen(false)] out string? why)
    {
        mirror = null;
        if (source.Length == 0 || source.StartsWith('/') || source.EndsWith('/') || source.Contains("//", StringComparison.Ordinal) || source.LastIndexOf('*') > 0 || (source[0] == '*' && source.Length > 1 && source[1] != '.'))
        {
            why = $"'{source}' is no registry: expected host[:port][/path], '*.domain' or '*'";
            return false;
        }
        var text = location.Contains("://", StringComparison.Ordinal) ? location : "https://" + location;
        if (!Uri.TryCreate(text.Replace(HostPlace, "HOST", StringComparison.Ordinal), UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0)
        {
            why = $"'{location}' is no mirror: expected http[s]://host[:port][/path]";
            return false;
        }
        if (uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            why = $"mirror '{uri.Host}' must have no user, query or fragment in its URL";
            return false;
        }
        var from = text.IndexOf('/', text.IndexOf("://", StringComparison.Ordinal) + 3);
        var path = from < 0 ? "" : text[from..].Trim('/');
        mirror = new RegistryMirror(source, new Uri(uri.GetLeftPart(UriPartial.Authority) + "/"), path is "v2" ? "" : path.StartsWith("v2/", StringComparison.Ordinal) ? path[3..] : path);
        why = null;
        return true;
    }

    /// <summary>The repository's name at the mirror, or null if it is not mirrored here.</summary>
    /// <param name="domain">The registry.</param>
    /// <param name="repository">The repository there.</param>
    internal string? Map(string domain, string repository)
    {
        string rest;
        if (Source == "*" || (Source[0] == '*' && domain.EndsWith(Source[1..], StringComparison.OrdinalIgnoreCase)))
        {
            rest = repository;
        }
        else
        {
            var slash = Source.IndexOf('/');
            var (host, prefix) = slash < 0 ? (Source, "") : (Source[..slash], Source[(slash + 1)..]);
            if (!host.Equals(domain, StringComparison.OrdinalIgnoreCase))
                return null;
            if (prefix.Length == 0)
                rest = repository;
            else if (repository.StartsWith(prefix + "/", StringComparison.Ordinal))
                rest = repository[(prefix.Length + 1)..];
            else
                return null;
        }
        // A port is no part of a path.
        var path = Path.Replace(HostPlace, domain.Replace(':', '-'), StringComparison.Ordinal);
        return path.Length == 0 ? rest : $"{path}/{rest}";
    }

    /// <summary>As it is given.</summary>
    public override string ToString() => $"{Source}={Location}{Path}";
}
