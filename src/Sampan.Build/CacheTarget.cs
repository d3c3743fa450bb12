using Sampan.Oci.Images;

namespace Sampan.Build;

/// <summary>Where a build's cache goes besides the engine's own.</summary>
/// <param name="Name">The image that it becomes.</param>
/// <param name="IsPushed">It is sent to the registry of that name, and nothing of it stays here; else it is an image here.</param>
/// <param name="IsMinimal">Only steps whose layers the built image has; else those of all stages, and of a build that failed, too.</param>
/// <param name="HasMounts">The cache mounts that the build used go with it.</param>
public sealed record CacheTarget(ImageReference Name, bool IsPushed, bool IsMinimal, bool HasMounts);
