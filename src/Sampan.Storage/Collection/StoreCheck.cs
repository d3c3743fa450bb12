namespace Sampan.Storage.Collection;

/// <summary>What a check of the store looked at and found.</summary>
/// <param name="Blobs">Blobs whose digest was computed again.</param>
/// <param name="Layers">Unpacked layers that were compared with their blobs, file by file.</param>
/// <param name="Records">Records that were read.</param>
/// <param name="Findings">What is wrong; empty if nothing is.</param>
public sealed record StoreCheck(int Blobs, int Layers, int Records, IReadOnlyList<StoreFinding> Findings);
