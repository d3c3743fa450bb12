using Sampan.Engine.Containers.Streams;

namespace Sampan.Engine.Execs;

/// <summary>How an exec is started.</summary>
public sealed record ExecStartOptions
{
    /// <summary>Nobody is attached.</summary>
    public bool Detach { get; init; }

    /// <summary>The terminal's first size; null: as created.</summary>
    public TerminalSize? ConsoleSize { get; init; }
}
