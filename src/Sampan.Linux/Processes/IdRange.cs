namespace Sampan.Linux.Processes;

/// <summary>A range of ids inside a user namespace and those outside behind them.</summary>
/// <param name="Inside">First id inside.</param>
/// <param name="Outside">First id outside.</param>
/// <param name="Count">Number of ids.</param>
public readonly record struct IdRange(uint Inside, uint Outside, uint Count);
