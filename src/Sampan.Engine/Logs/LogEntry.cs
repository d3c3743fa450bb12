namespace Sampan.Engine.Logs;

/// <summary>One line, or a part of a long one, of a container's output.</summary>
/// <param name="Stream">Where it was written.</param>
/// <param name="Time">When the supervisor read it.</param>
/// <param name="Text">The bytes as written, with the line end if there was one.</param>
public sealed record LogEntry(LogStream Stream, DateTimeOffset Time, ReadOnlyMemory<byte> Text);
