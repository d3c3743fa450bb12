namespace Sampan.Engine.Containers.Wishes;

/// <summary>A rate, or a weight, of one block device.</summary>
/// <param name="Path">The device node on the host.</param>
/// <param name="Rate">Per second; or the weight.</param>
public sealed record DeviceRate(string Path, ulong Rate);
