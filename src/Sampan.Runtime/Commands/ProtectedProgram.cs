using System.Collections;
using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Mounts;
using Sampan.Linux.Processes;
using Sampan.Runtime.Bundles;

namespace Sampan.Runtime.Commands;

/// <summary>
/// Makes this process run from something that no container can write to: a container can reach the program behind its init through
/// <c>/proc/self/exe</c>, and root in it could overwrite the host's runtime (CVE-2019-5736). A read-only copy of the mount costs one exec; where mounts are
/// not allowed a sealed copy in memory does it. Supervisors run from such a copy already.
/// </summary>
internal static class ProtectedProgram
{
    /// <param name="args">The arguments, to start over with.</param>
    /// <param name="foreground">True if signals are to be passed on: then the program starts with them blocked, see <see cref="ForegroundSignals"/>.</param>
    internal static void Ensure(IReadOnlyList<string> args, bool foreground = false)
    {
        using var own = HostFile.Open("/proc/self/exe", OpenFlags.ReadOnly);
        var startsOver = foreground && !ForegroundSignals.AreBlocked;
        if (!startsOver && (MemoryFile.IsSealed(own) || FileSystem.IsReadOnly(own)))
            return;
        // Blocking is kept through exec; the queue itself is not needed here.
        using var blocked = startsOver ? new SignalQueue(PassedSignals.All()) : null;
        using var copy = ReadOnlyMount() ?? MemoryFile.Seal("/proc/self/exe");
        var env = new List<string>();
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
            env.Add($"{entry.Key}={entry.Value}");
        using var image = new ProgramImage([], ["sampan-runtime", .. args], env);
        throw new LinuxException("run from a protected copy of the program", image.Execute(copy));
    }

    private static SafeFd? ReadOnlyMount()
    {
        try
        {
            var tree = MountTree.Bind("/proc/self/exe", recursive: false);
            tree.Change(MountAttributes.ReadOnly, MountAttributes.None, MountPropagation.Unchanged, recursive: false);
            return tree.Descriptor;
        }
        catch (LinuxException failure) when (failure.Errno is Errno.EPERM or Errno.ENOSYS or Errno.EINVAL)
        {
            return null;
        }
    }
}
