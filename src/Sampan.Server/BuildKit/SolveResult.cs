namespace Sampan.Server.BuildKit;

/// <summary>What a piece of a build gave.</summary>
/// <param name="Reference">The name by which the client asks for it.</param>
/// <param name="ImageId">The image; null: none was made, the client got the files.</param>
internal sealed record SolveResult(string Reference, string? ImageId);
