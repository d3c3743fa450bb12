using Sampan.Oci.Images;

namespace Sampan.Storage.Distribution;

/// <summary>Chooses from an index the manifest for a platform.</summary>
internal static class ManifestChoice
{
    /// <summary>Marks a manifest that is about another one.</summary>
    internal const string AttestationAnnotation = "vnd.docker.reference.type";

    /// <summary>The manifests that fit, the best first: images of just this platform before those that it runs as well.</summary>
    internal static IReadOnlyList<Descriptor> For(Platform platform, IReadOnlyList<Descriptor> manifests)
    {
        var wanted = platform.Normalize();
        return
        [
            .. manifests
                .Where(manifest => manifest is not null && manifest.Annotation(AttestationAnnotation) is null && (MediaTypes.IsManifest(manifest.MediaType) || MediaTypes.IsIndex(manifest.MediaType)))
                .Where(manifest => manifest.Platform is null || wanted.Runs(manifest.Platform))
                // OrderBy is stable: the index's own order decides among equals.
                .OrderBy(manifest => Rank(wanted, manifest.Platform)),
        ];
    }

    /// <summary>What an index has, for people.</summary>
    internal static string Platforms(IReadOnlyList<Descriptor> manifests) =>
        string.Join(", ", manifests.Where(manifest => manifest?.Platform is { Os: not ("" or "unknown") }).Select(manifest => manifest.Platform?.ToString()).Distinct());

    private static int Rank(Platform wanted, Platform? offered)
    {
        if (offered is null)
            return 100;
        var its = offered.Normalize();
        if (its.Variant == wanted.Variant)
            return 0;
        // ARM: the newer the better.
        return its.Variant is [_, >= '1' and <= '9'] variant ? 10 - (variant[1] - '0') : 50;
    }
}
