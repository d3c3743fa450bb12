using Sampan.BuildKit.Grpc;

namespace Sampan.BuildKit.Files;

/// <summary>Which files of a client's a transfer is about.</summary>
/// <param name="Directory">The client's name for a directory that it shows: <c>context</c>, <c>dockerfile</c>.</param>
public sealed record FileWish(string Directory)
{
    /// <summary>Only these, links on the way followed; empty: all.</summary>
    public IReadOnlyList<string> Follows { get; init; } = [];

    /// <summary>Not these, in the language of <c>.dockerignore</c>.</summary>
    public IReadOnlyList<string> Excludes { get; init; } = [];

    internal IEnumerable<KeyValuePair<string, string>> ToHeaders() => Excludes.Select(rule => KeyValuePair.Create("exclude-patterns", rule))
        .Concat(Follows.Select(path => KeyValuePair.Create("followpaths", path)))
        .Append(KeyValuePair.Create("dir-name", Directory))
        // What a header cannot hold is left out: the engine leaves the files out itself.
        .Where(header => !header.Value.Any(c => char.IsControl(c) || c == MetadataLists.Separator));
}
