namespace Sampan.Storage.Building;

/// <summary>Where a file's content is.</summary>
/// <param name="Open">Opens it for reading.</param>
internal sealed record SourceContent(Func<Stream> Open);
