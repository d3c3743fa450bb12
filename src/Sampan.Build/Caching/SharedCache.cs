namespace Sampan.Build.Caching;

/// <summary>
/// What a cache that goes from machine to machine says of itself: <c>sampan-cache.json</c> in an image, with <c>layers/HEX</c> and
/// <c>mounts/HASH/</c> beside it. A step is found by its key alone, and put on top of the files that the build has by then; so no step is brought
/// that nobody asks for.
/// </summary>
internal sealed record SharedCache
{
    internal const string FileName = "sampan-cache.json";

    /// <summary>The steps.</summary>
    public IReadOnlyList<SharedStep> Steps { get => field ?? []; init; }

    /// <summary>Cache mounts, by their ids.</summary>
    public IReadOnlyList<string> Mounts { get => field ?? []; init; }

    internal static string PathOfLayer(string digest) => $"layers/{digest.Replace(':', '-')}";
}
