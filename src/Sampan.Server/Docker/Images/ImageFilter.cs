using System.IO.Enumeration;
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

    /// <summary>Reads the filters.</summary>
    internal ImageFilter(string? json, ImageOperations images, DateTimeOffset now)
    {
        _filters = Filters.Parse(json, "dangling", "label", "label!", "before", "since", "reference", "until");
        _dangling = _filters.Flag("dangling");
        _before = Only("before") is { } before ? images.Get(before).Created : null;
        _since = Only("since") is { } since ? images.Get(since).Created : null;
        if (_filters.Until(now) is { } until && (_before is null || until < _before))
            _before = until;
    }

    /// <summary>Whether an image is wanted.</summary>
    internal bool Matches(ImageSnapshot image) =>
        (_dangling is null || _dangling == (image.RepoTags.Count == 0))
        && _filters.Labels(image.Config.Config.Labels)
        && (_before is null || image.Created < _before)
        && (_since is null || image.Created > _since)
        && _filters.Any("reference", pattern => image.RepoTags.Concat(image.RepoDigests).Any(name => ReferenceMatches(pattern, name)));

    /// <summary>An image with those of its names only that were asked for, as docker lists it.</summary>
    internal ImageSnapshot Narrowed(ImageSnapshot image) => _filters.Values("reference") is { Count: > 0 } patterns
        ? image with
        {
            RepoTags = [.. image.RepoTags.Where(name => patterns.Any(pattern => ReferenceMatches(pattern, name)))],
            RepoDigests = [.. image.RepoDigests.Where(name => patterns.Any(pattern => ReferenceMatches(pattern, name)))],
        }
        : image;

    /// <summary>Docker's rule: the pattern fits the whole name, or the name without its tag or digest; a star stops at slashes.</summary>
    internal static bool ReferenceMatches(string pattern, string name) => Fits(pattern, name) || Fits(pattern, WithoutTag(name));

    private static bool Fits(string pattern, string name)
    {
        var patterns = pattern.Split('/');
        var parts = name.Split('/');
        if (patterns.Length != parts.Length)
            return false;
        for (var i = 0; i < parts.Length; i++)
        {
            if (!FileSystemName.MatchesSimpleExpression(patterns[i], parts[i], ignoreCase: false))
                return false;
        }

        return true;
    }

    private static string WithoutTag(string name)
    {
        var at = name.IndexOf('@');
        if (at >= 0)
            return name[..at];
        var colon = name.LastIndexOf(':');
        return colon > name.LastIndexOf('/') ? name[..colon] : name;
    }

    private string? Only(string name) => _filters.Values(name) switch
    {
        [] => null,
        [var reference] => reference,
        _ => throw new EngineException(ErrorKind.InvalidArgument, $"invalid filter '{name}': only one is allowed"),
    };
}
