using Sampan.Linux;
using Sampan.Linux.Io;

namespace Sampan.Runtime.Supervision;

/// <summary>
/// The runtime's program, copied into sealed memory once per daemon: every supervisor runs from that copy and shares its pages, and no container
/// can reach the file on disk through <c>/proc/self/exe</c> (CVE-2019-5736). A file that was replaced is copied anew.
/// </summary>
internal static class SealedProgram
{
    private static readonly Lock s_gate = new();
    private static (string Path, FileStatus Status, SafeFd Copy)? s_current;

    /// <summary>The descriptor of the copy; stays open for the life of the daemon.</summary>
    internal static SafeFd Get(string path)
    {
        lock (s_gate)
        {
            FileStatus status;
            using (var file = HostFile.Open(path, OpenFlags.Path))
                status = FileStatus.Of(file);
            if (s_current is { } current && current.Path == path && current.Status.IsSameFile(status) && current.Status.Modified == status.Modified && current.Status.Size == status.Size)
                return current.Copy;
            // The older copy is left to the collector: somebody may be starting from it.
            s_current = (path, status, MemoryFile.Seal(path));
            return s_current.Value.Copy;
        }
    }
}
