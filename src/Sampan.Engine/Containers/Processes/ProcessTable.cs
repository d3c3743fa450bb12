namespace Sampan.Engine.Containers.Processes;

/// <summary>What <c>top</c> prints.</summary>
/// <param name="Titles">The column heads.</param>
/// <param name="Processes">One row per process, one cell per column.</param>
public sealed record ProcessTable(IReadOnlyList<string> Titles, IReadOnlyList<IReadOnlyList<string>> Processes);
