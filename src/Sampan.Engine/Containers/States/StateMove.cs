namespace Sampan.Engine.Containers.States;

/// <summary>One row of the <see cref="StateTable"/>.</summary>
/// <param name="From">A record of <see cref="ContainerState"/>.</param>
/// <param name="To">A record of <see cref="ContainerState"/>.</param>
/// <param name="Verb">What makes the move.</param>
public sealed record StateMove(Type From, Type To, string Verb);
