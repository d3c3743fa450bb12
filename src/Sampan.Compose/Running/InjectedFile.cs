namespace Sampan.Compose.Running;

/// <summary>A config or secret in a container.</summary>
/// <param name="Target">The path in the container.</param>
/// <param name="Source">The file on the host that is mounted; null: its content is copied in.</param>
/// <param name="Content">What is copied in; null: the file is mounted.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="GroupId">Whose group it is.</param>
/// <param name="Mode">The permissions.</param>
internal sealed record InjectedFile(string Target, string? Source, string? Content, int UserId, int GroupId, int Mode);
