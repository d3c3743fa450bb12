namespace Sampan.Engine.Stores;

/// <summary>Some bytes of the data root and why they are there.</summary>
/// <param name="Kind">What they belong to: <c>layer</c>, <c>blob</c>, <c>image</c>, <c>unfinished</c>, <c>buildcache</c>, <c>container</c>, <c>volume</c>, <c>engine</c>.</param>
/// <param name="Id">The digest, id or name of what they are.</param>
/// <param name="Path">Where they lie.</param>
/// <param name="Bytes">Blocks that the file system has given them, in bytes.</param>
/// <param name="Reason">Why they are kept, in one clause.</param>
/// <param name="IsReclaimable">True if a prune could remove them.</param>
public sealed record LedgerEntry(string Kind, string Id, string Path, long Bytes, string Reason, bool IsReclaimable);
