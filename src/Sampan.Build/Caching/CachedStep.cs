using Sampan.Storage.Images;

namespace Sampan.Build.Caching;

/// <summary>A step's files.</summary>
/// <param name="Files">Them.</param>
/// <param name="Created">When they were first made.</param>
/// <param name="IsHit">An earlier build made them.</param>
internal sealed record CachedStep(ImageRecord Files, DateTimeOffset Created, bool IsHit);
