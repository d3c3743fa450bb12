namespace Sampan.Storage.Images;

/// <summary>The container of a snapshot.</summary>
/// <param name="Name">As people call it.</param>
/// <param name="IsRunning">Whether its files are in use.</param>
public sealed record SnapshotOwner(string Name, bool IsRunning);
