namespace Sampan.Compose.Running;

/// <summary>Fetches an image for a platform (null: the engine's own); whoever calls knows the registries' credentials.</summary>
public delegate Task ImagePuller(string image, string? platform, CancellationToken cancellationToken);
