namespace Sampan.Engine.Volumes;

/// <summary>All volumes, those of plugins too.</summary>
/// <param name="Volumes">By name.</param>
/// <param name="Warnings">Which drivers did not say what they have, and why.</param>
public sealed record VolumesListed(IReadOnlyList<VolumeSnapshot> Volumes, IReadOnlyList<string> Warnings);
