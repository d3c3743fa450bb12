using Sampan.Linux.Io;

namespace Sampan.Linux.Files;

/// <summary>An entry of an <see cref="ITreeSource"/>.</summary>
/// <param name="Name">The name's bytes.</param>
/// <param name="Status">What was found there.</param>
/// <param name="Directory">The directory that has it; belongs to the source.</param>
public sealed record TreeEntry(byte[] Name, FileStatus Status, DirectoryHandle Directory);
