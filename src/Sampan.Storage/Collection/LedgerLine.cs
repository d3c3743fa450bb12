namespace Sampan.Storage.Collection;

/// <summary>Some bytes of the data root and why they are there. The lines together are what <c>du</c> says.</summary>
/// <param name="Kind">What they belong to.</param>
/// <param name="Id">The digest, key or name of what they are.</param>
/// <param name="Path">Where they lie.</param>
/// <param name="Bytes">Blocks that the file system has given them, in bytes.</param>
/// <param name="Reason">Why they are kept, in one clause.</param>
/// <param name="IsReclaimable">True if a prune could remove them.</param>
public sealed record LedgerLine(LedgerKind Kind, string Id, string Path, long Bytes, string Reason, bool IsReclaimable);
