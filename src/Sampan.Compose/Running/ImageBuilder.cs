using Sampan.DockerApi.Images;

namespace Sampan.Compose.Running;

/// <summary>Builds an image; whoever calls knows disks, and the registries' credentials. A build that fails is a <see cref="Documents.ComposeException"/>.</summary>
/// <param name="service">The service that it is for.</param>
/// <param name="source">What it is built from.</param>
/// <param name="options">How; the Dockerfile and the secrets are those of <paramref name="source"/>.</param>
/// <param name="cancellationToken">Ends the build.</param>
public delegate Task ImageBuilder(string service, ImageSource source, BuildOptions options, CancellationToken cancellationToken);
