namespace Sampan.Storage.Registry;

/// <summary>A part of a list.</summary>
/// <param name="Names">The names, in the order of their bytes.</param>
/// <param name="HasMore">True if others follow.</param>
public sealed record Page(IReadOnlyList<string> Names, bool HasMore);
