namespace Sampan.Engine.Stores;

/// <summary>Where an image's bytes come from.</summary>
/// <param name="ImageId">Which image.</param>
/// <param name="Bytes">Bytes of all files in all layers.</param>
/// <param name="Wasted">Those that nobody sees, because a later layer hides them.</param>
/// <param name="Layers">Lowest first.</param>
/// <param name="WastedPaths">The files that are hidden, largest first.</param>
public sealed record Explanation(string ImageId, long Bytes, long Wasted, IReadOnlyList<ExplainedStep> Layers, IReadOnlyList<WastedFile> WastedPaths);
