namespace Sampan.Oci.Images;

/// <summary>
/// Docker's grammar of image names
/// (<see href="https://github.com/distribution/reference/blob/main/reference.go">distribution/reference</see>):
/// <code>
/// reference      := name [ ":" tag ] [ "@" digest ]
/// name           := [domain '/'] path-component ['/' path-component]*      at most 255 characters
/// domain         := (component ['.' component]* | '[' IPv6 ']') [':' port]
/// component      := [a-zA-Z0-9] | [a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]
/// path-component := [a-z0-9]+ (('.' | '_' | '__' | '-'+) [a-z0-9]+)*
/// tag            := [A-Za-z0-9_] [A-Za-z0-9_.-]{0,127}
/// </code>
/// </summary>
internal static class ReferenceGrammar
{
    internal const string InvalidFormat = "invalid reference format";

    private const int NameMaxLength = 255;
    private const int TagMaxLength = 128;

    /// <summary>The parts of a reference, the name normalised.</summary>
    internal readonly record struct Parts(string Domain, string Path, string? Tag, string? Digest);

    /// <summary>Cuts <paramref name="text"/> into its parts; returns the error in Docker's words, or null.</summary>
    internal static string? Split(string text, out Parts parts)
    {
        parts = default;
        // An identity is no name: "docker tag 64 hex digits" must not create a repository called so.
        if (text.Length == 64 && Digest.IsLowerHex(text))
            return $"invalid repository name ({text}), cannot specify 64-byte hexadecimal strings";

        string? digest = null;
        var rest = text;
        if (rest.IndexOf('@') is >= 0 and var at)
        {
            digest = rest[(at + 1)..];
            rest = rest[..at];
        }
        var (domain, remote) = SplitDomain(rest);
        string? tag = null;
        if (remote.IndexOf(':') is >= 0 and var colon)
        {
            tag = remote[(colon + 1)..];
            remote = remote[..colon];
        }
        if (remote.Any(char.IsAsciiLetterUpper))
            return $"{InvalidFormat}: repository name ({remote}) must be lowercase";
        if (!IsDomain(domain) || !remote.Split('/').All(IsPathComponent) || (tag is not null && !IsTag(tag)))
            return InvalidFormat;
        if (domain.Length + 1 + remote.Length > NameMaxLength)
            return $"repository name must not be more than {NameMaxLength} characters";
        parts = new Parts(domain, remote, tag, digest);
        return null;
    }

    internal static bool IsTag(ReadOnlySpan<char> tag)
    {
        if (tag.Length is 0 or > TagMaxLength || tag[0] is '.' or '-')
            return false;
        foreach (var c in tag)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-'))
                return false;
        }
        return true;
    }

    // The first part is a registry if it looks like a host: it has a dot or a port, is "localhost", or has capitals.
    private static (string Domain, string Remote) SplitDomain(string name)
    {
        var slash = name.IndexOf('/');
        var first = slash < 0 ? "" : name[..slash];
        var isHost = slash >= 0 && (first.Contains('.') || first.Contains(':') || first == "localhost" || first.Any(char.IsAsciiLetterUpper));
        var (domain, remote) = isHost ? (first, name[(slash + 1)..]) : (ImageReference.DefaultDomain, name);
        if (domain == "index." + ImageReference.DefaultDomain)
            domain = ImageReference.DefaultDomain;
        return domain == ImageReference.DefaultDomain && !remote.Contains('/') ? (domain, "library/" + remote) : (domain, remote);
    }

    private static bool IsDomain(string domain)
    {
        var host = domain;
        if (domain.StartsWith('['))
        {
            var end = domain.IndexOf(']');
            return end > 0 && domain[1..end].All(c => char.IsAsciiHexDigit(c) || c == ':') && end > 2
                && (end == domain.Length - 1 || (domain[end + 1] == ':' && IsPort(domain[(end + 2)..])));
        }
        if (domain.IndexOf(':') is >= 0 and var colon)
        {
            if (!IsPort(domain[(colon + 1)..]))
                return false;
            host = domain[..colon];
        }
        return host.Split('.').All(part =>
            part.Length > 0 && part[0] != '-' && part[^1] != '-' && part.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'));
    }

    private static bool IsPort(string port) => port.Length > 0 && port.All(char.IsAsciiDigit);

    private static bool IsPathComponent(string component)
    {
        if (component.Length == 0 || !IsAlphanumeric(component[0]) || !IsAlphanumeric(component[^1]))
            return false;
        for (var i = 0; i < component.Length;)
        {
            var start = i;
            while (i < component.Length && !IsAlphanumeric(component[i]))
                i++;
            var separator = component.AsSpan(start, i - start);
            if (separator.Length > 0 && separator is not ("." or "_" or "__") && separator.IndexOfAnyExcept('-') >= 0)
                return false;
            i++;
        }
        return true;
    }

    private static bool IsAlphanumeric(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c);
}
