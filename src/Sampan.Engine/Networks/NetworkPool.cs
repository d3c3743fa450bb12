namespace Sampan.Engine.Networks;

/// <summary>The network namespaces made ahead of the containers that will need them.</summary>
/// <param name="Size">How many with links are kept.</param>
/// <param name="BareSize">How many without links are kept.</param>
/// <param name="Ready">How many of the former there are now.</param>
/// <param name="BareReady">How many of the latter there are now.</param>
/// <param name="Taken">Starts that found one.</param>
/// <param name="Missed">Starts that found none and made their own.</param>
public sealed record NetworkPool(int Size, int BareSize, int Ready, int BareReady, long Taken, long Missed);
