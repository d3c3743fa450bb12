using Sampan.Linux.Io;

namespace Sampan.Linux.Files;

/// <summary>One name in a directory.</summary>
/// <param name="Name">The name's bytes, as the kernel has them.</param>
/// <param name="Kind">What it is; Unknown if the file system does not say while listing.</param>
public readonly record struct DirectoryEntry(byte[] Name, FileKind Kind);
