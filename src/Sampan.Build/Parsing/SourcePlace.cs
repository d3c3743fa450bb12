namespace Sampan.Build.Parsing;

/// <summary>A place in a Dockerfile.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in characters.</param>
/// <param name="LastLine">Where the instruction that begins here ends.</param>
internal readonly record struct SourcePlace(int Line, int Column, int LastLine);
