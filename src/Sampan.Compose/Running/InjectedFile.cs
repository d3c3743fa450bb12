namespace Sampan.Compose.Running;

/// <summary>A config or secret in a container.</summary>
/// <param name="Target">The path in the container.</param>
/// <param name="Source">The file on the host; null: its content is given.</param>
/// <param name="Content">Its content; null: the file's.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="GroupId">Whose group it is.</param>
/// <param name="Mode">The permissions.</param>
internal sealed record InjectedFile(string Target, string? Source, string? Content, int UserId, int GroupId, int Mode)
{
    /// <summary>Whether it is mounted from this machine instead of copied.</summary>
    public bool IsBound { get; init; }
}
