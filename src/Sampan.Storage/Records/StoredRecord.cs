namespace Sampan.Storage.Records;

/// <summary>A record under its key.</summary>
/// <param name="Key">The name of its directory.</param>
/// <param name="Value">The record.</param>
public sealed record StoredRecord<T>(string Key, T Value);
