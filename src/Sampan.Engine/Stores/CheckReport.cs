namespace Sampan.Engine.Stores;

/// <summary>What a check looked at and found.</summary>
/// <param name="Blobs">Blobs whose digest was computed again.</param>
/// <param name="Layers">Layers that were compared with their blobs, file by file.</param>
/// <param name="Records">Records that were read.</param>
/// <param name="Findings">What is wrong; empty if nothing is.</param>
public sealed record CheckReport(int Blobs, int Layers, int Records, IReadOnlyList<Finding> Findings);
