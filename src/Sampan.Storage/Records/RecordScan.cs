namespace Sampan.Storage.Records;

/// <summary>What a <see cref="RecordDirectory{T}"/> holds.</summary>
/// <param name="Records">The readable records, ordered by key.</param>
/// <param name="Damaged">Those that cannot be read; they stay on disk for somebody to look at.</param>
public sealed record RecordScan<T>(IReadOnlyList<StoredRecord<T>> Records, IReadOnlyList<DamagedRecord> Damaged);
