using Sampan.Engine;
using Sampan.Engine.Images;

namespace Sampan.Server.Docker.Images;

/// <summary>The filters of <c>docker images</c>.</summary>
internal sealed class ImageFilter
{
    private readonly Filters _filters;
    private readonly bool? _dangling;
    private readonly DateTimeOffset? _before;
    private readonly DateTimeOffset? _since;
    private readonly IReadOnlyList<string> _names;

    /// <summary>Reads the filters.</summary>
    /// <param name="json">The request's parameter.</param>
    /// <param name="createdOf">When the image of a name or id was made.</param>
    /// <param name="now">The time, for spans back from it.</param>
    /// <param name="name">One more name to look for; null: none.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: an unknown filter or a value that cannot be; <see cref="ErrorKind.NotFound"/>: no such image.</exception>
    internal ImageFilter(string? json, Func<string, DateTimeOffset> createdOf, DateTimeOffset now, string? name = null)
    {
        _names = name is null ? [] : [name];
        _filters = Filters.Parse(json, "dangling", "label", "label!", "before", "since", "reference", "until");
        _dangling = _filters.Flag("dangling");
        // Given several times, all of them count.
        _before = _filters.Values("before").Select(name => (DateTimeOffset?)createdOf(name)).Min();
        _since = _filters.Values("since").Select(name => (DateTimeOffset?)createdOf(name)).Max();
        foreach (var pattern in References)
        {
            if (!GoPattern.IsValid(pattern))
                throw new EngineException(ErrorKind.InvalidArgument, $"invalid filter 'reference={pattern}': syntax error in pattern");
        }

        if (_filters.Until(now) is { } until && (_before is null || until < _before))
            _before = until;
    }

    /// <summary>Whether an image is wanted. One with nothing but a digest for a name is shown as dangling and as not.</summary>
    internal bool Matches(ImageSnapshot image) =>
        (_dangling is null || (_dangling.Value ? image.RepoTags.Count == 0 : image.RepoTags.Count + image.RepoDigests.Count > 0))
        && _filters.Labels(image.Config.Config.Labels)
        && (_before is null || image.Created < _before)
        && (_since is null || image.Created > _since)
        && (References.Count == 0 || References.Any(pattern => image.RepoTags.Concat(image.RepoDigests).Any(name => ReferenceMatches(pattern, name))));

    /// <summary>Leaves out images without a name that others were made from: only <c>-a</c> shows them.</summary>
    internal static IReadOnlyList<ImageSnapshot> WithoutIntermediate(IReadOnlyList<ImageSnapshot> images)
    {
        var parents = images.Select(image => image.ParentId).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return [.. images.Where(image => image.RepoTags.Count + image.RepoDigests.Count > 0 || !parents.Contains(image.Id))];
    }

    /// <summary>An image with those of its names only that were asked for, as docker lists it.</summary>
    internal ImageSnapshot Narrowed(ImageSnapshot image) => References is { Count: > 0 } patterns
        ? image with
        {
            RepoTags = [.. image.RepoTags.Where(name => patterns.Any(pattern => ReferenceMatches(pattern, name)))],
            RepoDigests = [.. image.RepoDigests.Where(name => patterns.Any(pattern => ReferenceMatches(pattern, name)))],
        }
        : image;

    /// <summary>Docker's rule: the pattern fits the whole name, or the name without its tag or digest; a star stops at slashes.</summary>
    internal static bool ReferenceMatches(string pattern, string name) => GoPattern.Matches(pattern, name) || GoPattern.Matches(pattern, WithoutTag(name));

    private IReadOnlyList<string> References => [.. _filters.Values("reference"), .. _names];

    private static string WithoutTag(string name)
    {
        var at = name.IndexOf('@');
        if (at >= 0)
            return name[..at];
        var colon = name.LastIndexOf(':');
        return colon > name.LastIndexOf('/') ? name[..colon] : name;
    }
}
