using System.Diagnostics.CodeAnalysis;
using Sampan.Oci.Images;

namespace Sampan.Storage.Registry;

/// <summary>
/// The name of a repository in a registry, by the specification's grammar: <c>team/app</c>. Valid by construction, so that it can be part
/// of a path: no <c>..</c>, no empty part, no capital.
/// </summary>
public sealed record RepositoryName
{
    // Names are looked at by the grammar of references, which wants a host in front; clients count it into their limit of 255, too.
    private const string Host = "r.local/";

    // No name contains it, and it makes a path of several parts one file name.
    private const char Separator = '+';

    private RepositoryName(string text) => Text = text;

    /// <summary>The name.</summary>
    public string Text { get; }

    internal string DirectoryName => Text.Replace('/', Separator);

    /// <summary>Reads a name.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out RepositoryName? name)
    {
        name = text is not null && ImageReference.TryParseExact(Host + text, out var reference, out _) && reference is { Tag: null, Digest: null } && reference.Path == text
            ? new RepositoryName(text)
            : null;
        return name is not null;
    }

    /// <summary>The name.</summary>
    public override string ToString() => Text;

    internal static bool TryParseDirectory(string directory, [NotNullWhen(true)] out RepositoryName? name) => TryParse(directory.Replace(Separator, '/'), out name);
}
