using System.Diagnostics.CodeAnalysis;

namespace Sampan.Storage.Registry;

/// <summary>What a manifest is asked for by: a tag, or its digest.</summary>
public sealed record ManifestReference
{
    private const int TagMaxLength = 128;

    private ManifestReference(string? tag, ContentDigest digest) => (Tag, Digest) = (tag, digest);

    /// <summary>The tag; null: it is a digest.</summary>
    public string? Tag { get; }

    /// <summary>The digest, if there is no tag.</summary>
    public ContentDigest Digest { get; }

    /// <summary>Reads a tag or digest.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ManifestReference? reference)
    {
        reference = ContentDigest.TryParse(text, out var digest) ? new ManifestReference(null, digest)
            : IsTag(text) ? new ManifestReference(text, default)
            : null;
        return reference is not null;
    }

    /// <summary>A reference by digest.</summary>
    public static ManifestReference Of(ContentDigest digest) => new(null, digest);

    /// <summary>True if the text is a tag: <c>[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}</c>.</summary>
    public static bool IsTag([NotNullWhen(true)] string? text) =>
        text is { Length: > 0 and <= TagMaxLength } && text[0] is not ('.' or '-') && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    /// <summary>The tag or digest.</summary>
    public override string ToString() => Tag ?? Digest.ToString();
}
