namespace Sampan.Compose.Running;

/// <summary>A secret of a build: a file of this machine, or the text itself; one of the two is null.</summary>
public sealed record ImageSecret(string? File, string? Text);
