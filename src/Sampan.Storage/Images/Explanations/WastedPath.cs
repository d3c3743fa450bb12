namespace Sampan.Storage.Images.Explanations;

/// <summary>A file that some layer has and nobody sees.</summary>
/// <param name="Path">From the root.</param>
/// <param name="Bytes">All of its hidden copies together.</param>
/// <param name="Copies">How many copies are hidden.</param>
/// <param name="IsDeleted">True if the image does not have it in the end; false if a later layer has it again.</param>
public sealed record WastedPath(string Path, long Bytes, int Copies, bool IsDeleted);
