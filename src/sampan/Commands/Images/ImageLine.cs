using Sampan.DockerApi.Images;

namespace Sampan.Cli.Commands.Images;

/// <summary>One line of images: an image under one of its names.</summary>
internal sealed record ImageLine(ImageSummary Image, string Repository, string Tag, string Digest);
