using Sampan.Linux.Io;

namespace Sampan.Cli.Commands.Images;

/// <summary>A file, link or directory of a build context.</summary>
/// <param name="Path">Where it is; null: a directory that is only in the archive.</param>
/// <param name="Name">What it is called in the archive.</param>
/// <param name="Status">What it was when it was looked at.</param>
internal readonly record struct ContextFile(string? Path, string Name, FileStatus Status);
