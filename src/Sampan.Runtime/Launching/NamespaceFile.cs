using Sampan.Linux;
using Sampan.Linux.Io;

namespace Sampan.Runtime.Launching;

/// <summary>Opens files of /proc/PID/ns and bind mounts of them.</summary>
internal static class NamespaceFile
{
    internal static SafeFd Open(string path) => HostFile.Open(path, OpenFlags.ReadOnly);
}
