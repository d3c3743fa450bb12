namespace Sampan.Engine.Containers.States;

/// <summary>Why a start failed.</summary>
/// <param name="Message">As the caller was told.</param>
/// <param name="ExitCode">127: no such program; 126: it cannot be run; 128: any other reason.</param>
public sealed record StartFailure(string Message, int ExitCode);
