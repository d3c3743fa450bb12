namespace Sampan.Server.BuildKit;

/// <summary>What a piece of a build gave.</summary>
/// <param name="Reference">The name by which the client asks for it.</param>
/// <param name="ImageId">The image.</param>
internal sealed record SolveResult(string Reference, string ImageId);
