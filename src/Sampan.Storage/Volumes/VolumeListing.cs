namespace Sampan.Storage.Volumes;

/// <summary>All volumes, those that drivers know of too.</summary>
/// <param name="Volumes">By name.</param>
/// <param name="Warnings">Which drivers did not say what they have, and why.</param>
public sealed record VolumeListing(IReadOnlyList<VolumeRecord> Volumes, IReadOnlyList<string> Warnings);
