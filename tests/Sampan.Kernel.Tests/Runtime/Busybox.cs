using System.Diagnostics;
using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Kernel.Tests.Runtime;

/// <summary>The program in the containers of these tests.</summary>
internal static class Busybox
{
    private const int F_SETLEASE = 1024;
    private const int F_RDLCK = 0;
    private const int F_UNLCK = 2;

    /// <summary>
    /// Copies it, and returns when nobody has the copy open for writing: a process that another test starts meanwhile has our descriptors until its
    /// execve, and as long as it does the copy cannot be run (ETXTBSY). A lease for reading is given only if there is no writer.
    /// </summary>
    internal static void CopyTo(string path)
    {
        File.Copy("/bin/busybox", path);
        using var file = HostFile.Open(path, OpenFlags.ReadOnly);
        var patience = Stopwatch.StartNew();
        while (Sys.fcntl(file.Number, F_SETLEASE, F_RDLCK) < 0)
        {
            Sys.LastErrno.ShouldBe(Linux.Errno.EAGAIN);
            patience.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(1), $"somebody keeps '{path}' open for writing");
            Thread.Yield();
        }
        Sys.fcntl(file.Number, F_SETLEASE, F_UNLCK).ShouldBe(0);
    }
}
