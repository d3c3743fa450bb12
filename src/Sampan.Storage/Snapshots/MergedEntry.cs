using Sampan.Linux.Files;
using Sampan.Linux.Io;

namespace Sampan.Storage.Snapshots;

/// <summary>An entry of a <see cref="MergedDirectory"/>.</summary>
/// <param name="Name">The name's bytes.</param>
/// <param name="Status">What shows: that of the topmost layer that has it.</param>
/// <param name="Directory">The directory in that layer; belongs to the merged directory.</param>
internal sealed record MergedEntry(byte[] Name, FileStatus Status, DirectoryHandle Directory);
