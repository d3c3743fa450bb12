namespace Sampan.Engine.Containers;

/// <summary>A container was created.</summary>
/// <param name="Id">64 hexadecimal digits.</param>
/// <param name="Warnings">What could not be granted and what was left out, for people.</param>
public sealed record ContainerCreated(string Id, IReadOnlyList<string> Warnings);
