namespace Sampan.Storage.Building;

/// <summary>A file of a context that the client has open, so that the engine can read it itself.</summary>
/// <param name="Name">Its name in the context.</param>
/// <param name="Descriptor">Its number in the client's process.</param>
/// <param name="Fingerprint">What the client says it is: another file of that number is not taken.</param>
public readonly record struct OpenedFile(string Name, int Descriptor, string Fingerprint);
