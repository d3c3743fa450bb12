namespace Sampan.Storage.Building;

/// <summary>Takes a piece of content.</summary>
internal delegate void ReadOnlySpanAction(ReadOnlySpan<byte> piece);
