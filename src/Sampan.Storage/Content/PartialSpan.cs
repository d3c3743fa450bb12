namespace Sampan.Storage.Content;

/// <summary>A part of a blob that is fetched by one request after the other.</summary>
internal sealed class PartialSpan(int number, long start, long end, long at)
{
    internal int Number => number;

    /// <summary>The first byte.</summary>
    internal long Start => start;

    /// <summary>The byte behind the last.</summary>
    internal long End => end;

    /// <summary>The first byte that is missing; <see cref="End"/>: none.</summary>
    internal long At { get; set; } = at;

    internal bool IsComplete => At == end;
}
