using System.Collections.ObjectModel;

namespace Sampan.Engine.Logs;

/// <summary>One line, or a part of a long one, of a container's output.</summary>
/// <param name="Stream">Where it was written.</param>
/// <param name="Time">When the supervisor read it.</param>
/// <param name="Text">The bytes as written, with the line end if there was one.</param>
public sealed record LogEntry(LogStream Stream, DateTimeOffset Time, ReadOnlyMemory<byte> Text)
{
    /// <summary>What the log options <c>labels</c>, <c>env</c> and <c>tag</c> chose, if the driver stores it with each line.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }
}
