using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>Writes to open files.</summary>
public static class FileWriting
{
    /// <summary>Writes everything.</summary>
    /// <exception cref="LinuxException">The kernel refused; a part may be written.</exception>
    public static void WriteAll(this SafeFd file, ReadOnlySpan<byte> content) => Sys.Check(Sys.WriteAll(file.Number, content), "write");
}
