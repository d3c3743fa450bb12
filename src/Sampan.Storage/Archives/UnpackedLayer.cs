namespace Sampan.Storage.Archives;

/// <summary>What unpacking a layer gave.</summary>
/// <param name="Size">Bytes of all files' contents.</param>
/// <param name="OpaqueRoot">True if the layer hides everything below it.</param>
/// <param name="ImplicitDirectories">Directories that the archive left out: they should look as they do in the layers below.</param>
internal sealed record UnpackedLayer(long Size, bool OpaqueRoot, IReadOnlyCollection<string> ImplicitDirectories);
