namespace Sampan.Engine.Containers.Streams;

/// <summary>The size of a terminal.</summary>
/// <param name="Rows">Lines.</param>
/// <param name="Columns">Characters per line.</param>
public readonly record struct TerminalSize(ushort Rows, ushort Columns);
