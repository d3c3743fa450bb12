namespace Sampan.Build.Caching;

/// <summary>One entry of the build cache, for people.</summary>
/// <param name="Id">Its key.</param>
/// <param name="Kind">Docker's word: <c>regular</c>, or <c>exec.cachemount</c> for a cache mount.</param>
/// <param name="Description">The step.</param>
/// <param name="Created">When it was made.</param>
/// <param name="LastUsed">When a build last took it.</param>
/// <param name="Uses">How often.</param>
/// <param name="Bytes">What goes with it: of layers that something else has, nothing.</param>
/// <param name="IsShared">An image has its layers, too.</param>
/// <param name="InUse">A build that runs needs it.</param>
public sealed record BuildCacheEntry(string Id, string Kind, string Description, DateTimeOffset Created, DateTimeOffset LastUsed, int Uses, long Bytes, bool IsShared, bool InUse);
