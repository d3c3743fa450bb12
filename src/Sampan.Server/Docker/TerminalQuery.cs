using Sampan.Engine;
using Sampan.Engine.Containers.Streams;
using Sampan.Server.Http;

namespace Sampan.Server.Docker;

/// <summary>The size of a terminal in a query.</summary>
internal static class TerminalQuery
{
    /// <summary>Reads <c>h</c> and <c>w</c>.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: one is missing or out of range.</exception>
    internal static TerminalSize Read(Exchange x) => new(Side(x, "h"), Side(x, "w"));

    private static ushort Side(Exchange x, string name) => x.Number(name) is >= 0 and <= ushort.MaxValue and var side
        ? (ushort)side
        : throw new EngineException(ErrorKind.InvalidArgument, $"invalid terminal size: query parameter '{name}' must be 0 to 65535");
}
