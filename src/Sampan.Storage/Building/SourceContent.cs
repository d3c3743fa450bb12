namespace Sampan.Storage.Building;

/// <summary>Where a file's content is.</summary>
/// <param name="Open">Opens it for reading.</param>
internal sealed record SourceContent(Func<Stream> Open)
{
    /// <summary>The file that has this content and nothing else; null: it lies with others, or in a layer.</summary>
    internal OwnFile? Own { get; init; }
}
