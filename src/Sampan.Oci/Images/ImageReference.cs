using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace Sampan.Oci.Images;

/// <summary>
/// The name of an image, by Docker's grammar and normalised as Docker does: <c>nginx</c> is <c>docker.io/library/nginx:latest</c>.
/// Valid by construction. Equal references name the same image.
/// </summary>
[JsonConverter(typeof(ImageReferenceJsonConverter))]
public sealed record ImageReference
{
    /// <summary>The registry that a name without one belongs to.</summary>
    public const string DefaultDomain = "docker.io";

    /// <summary>The tag of a name without one.</summary>
    public const string DefaultTag = "latest";

    private const string OfficialPrefix = "library/";

    private ImageReference(string domain, string path, string? tag, Digest? digest)
    {
        Domain = domain;
        Path = path;
        Tag = tag;
        Digest = digest;
    }

    /// <summary>The registry, with its port if it has one: <c>docker.io</c>, <c>localhost:5000</c>.</summary>
    public string Domain { get; }

    /// <summary>The repository inside the registry: <c>library/nginx</c>.</summary>
    public string Path { get; }

    /// <summary>The tag, or null for a reference by digest only or a bare name read by <see cref="TryParseExact"/>.</summary>
    public string? Tag { get; }

    /// <summary>The digest of the manifest (or index), or null.</summary>
    public Digest? Digest { get; }

    /// <summary>Registry and repository without tag and digest: <c>docker.io/library/nginx</c>.</summary>
    public string Name => $"{Domain}/{Path}";

    /// <summary>The name as people write it: <c>nginx</c>, <c>localhost:5000/app</c>.</summary>
    public string FamiliarName =>
        Domain != DefaultDomain ? Name
        : Path.StartsWith(OfficialPrefix, StringComparison.Ordinal) && Path.IndexOf('/', OfficialPrefix.Length) < 0 ? Path[OfficialPrefix.Length..]
        : Path;

    /// <summary>The whole reference as people write it: <c>nginx:latest</c>.</summary>
    public string Familiar => FamiliarName + Suffix;

    private string Suffix => (Tag is null ? "" : ":" + Tag) + (Digest is null ? "" : "@" + Digest);

    /// <summary>Reads a name; without tag and digest it gets the tag <c>latest</c>.</summary>
    /// <exception cref="FormatException">The name breaks Docker's grammar; the message is Docker's.</exception>
    public static ImageReference Parse(string text) => TryParse(text, out var reference, out var error) ? reference : throw new FormatException(error);

    /// <summary>Reads a name; without tag and digest it gets the tag <c>latest</c>.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="reference">The normalised reference.</param>
    /// <param name="error">Why not, in Docker's words.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ImageReference? reference, [NotNullWhen(false)] out string? error)
    {
        if (!TryParseExact(text, out reference, out error))
            return false;
        if (reference is { Tag: null, Digest: null })
            reference = reference.WithTag(DefaultTag);
        return true;
    }

    /// <summary>Like <see cref="TryParse"/>, but a bare name stays bare: its tag is null.</summary>
    public static bool TryParseExact(string? text, [NotNullWhen(true)] out ImageReference? reference, [NotNullWhen(false)] out string? error)
    {
        reference = null;
        error = ReferenceGrammar.Split(text ?? "", out var parts);
        if (error is not null)
            return false;
        Digest? digest = null;
        if (parts.Digest is not null)
        {
            if (!Images.Digest.TryParse(parts.Digest, out var parsed))
            {
                error = ReferenceGrammar.InvalidFormat;
                return false;
            }
            digest = parsed;
        }
        reference = new ImageReference(parts.Domain, parts.Path, parts.Tag, digest);
        return true;
    }

    /// <summary>The same repository under another tag, without digest.</summary>
    /// <exception cref="FormatException">The tag breaks Docker's grammar.</exception>
    public ImageReference WithTag(string tag) =>
        ReferenceGrammar.IsTag(tag) ? new(Domain, Path, tag, null) : throw new FormatException($"{ReferenceGrammar.InvalidFormat}: invalid tag '{tag}'");

    /// <summary>The same repository by digest only.</summary>
    public ImageReference WithDigest(Digest digest) => new(Domain, Path, null, digest);

    /// <summary>The whole normalised reference: <c>docker.io/library/nginx:latest</c>.</summary>
    public override string ToString() => Name + Suffix;
}
