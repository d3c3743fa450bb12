namespace Sampan.Storage.Records;

/// <summary>A record that cannot be read.</summary>
/// <param name="Key">The name of its directory.</param>
/// <param name="Reason">Why, in one clause.</param>
public sealed record DamagedRecord(string Key, string Reason);
