using System.Text;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>The standard streams without <c>System.Console</c>, which starts threads and installs signal handlers.</summary>
public static class StandardStreams
{
    /// <summary>Writes a text to standard output.</summary>
    /// <exception cref="LinuxException">Nobody reads, or the disk is full.</exception>
    public static void WriteOutput(string text) => Sys.Check(Sys.WriteAll(1, Encoding.UTF8.GetBytes(text)), "write to standard output");

    /// <summary>Writes a text to standard error, as well as that goes.</summary>
    public static void WriteError(string text) => _ = Sys.WriteAll(2, Encoding.UTF8.GetBytes(text));
}
