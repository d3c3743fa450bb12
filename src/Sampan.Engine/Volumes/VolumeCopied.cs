namespace Sampan.Engine.Volumes;

/// <summary>A volume that was made of another.</summary>
/// <param name="Volume">The new one.</param>
/// <param name="Warnings">What one should know of its content.</param>
public sealed record VolumeCopied(VolumeSnapshot Volume, IReadOnlyList<string> Warnings);
