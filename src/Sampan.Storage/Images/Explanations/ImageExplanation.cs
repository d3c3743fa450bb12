namespace Sampan.Storage.Images.Explanations;

/// <summary>Where an image's bytes come from, layer by layer.</summary>
/// <param name="Image">Which.</param>
/// <param name="Layers">Lowest first.</param>
/// <param name="Bytes">Bytes of all files in all layers.</param>
/// <param name="Wasted">Those that nobody sees.</param>
/// <param name="WastedPaths">The files they are in, largest first.</param>
public sealed record ImageExplanation(ImageRecord Image, IReadOnlyList<ExplainedLayer> Layers, long Bytes, long Wasted, IReadOnlyList<WastedPath> WastedPaths);
