namespace Sampan.Storage.Distribution;

/// <summary>Where an image was found: an open repository and its first document, and further repositories that may have the same blobs.</summary>
/// <param name="Client">The endpoint that answered.</param>
/// <param name="Document">What the name points to there: a manifest or an index.</param>
/// <param name="Others">Endpoints to ask when that one fails later, in order.</param>
internal sealed record ImageLocation(RegistryClient Client, RegistryDocument Document, IReadOnlyList<RegistryClient> Others);
