namespace Sampan.Engine.Images;

/// <summary>One result of a search.</summary>
/// <param name="Name">The repository.</param>
/// <param name="Description">One line about it.</param>
/// <param name="Stars">How many people marked it.</param>
/// <param name="IsOfficial">True for one of the registry's own.</param>
/// <param name="IsAutomated">True if the registry built it.</param>
public sealed record FoundImage(string Name, string Description, int Stars, bool IsOfficial, bool IsAutomated);
