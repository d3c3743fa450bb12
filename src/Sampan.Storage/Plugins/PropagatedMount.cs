using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Mounts;
using Sampan.Linux.Proc;

namespace Sampan.Storage.Plugins;

/// <summary>The directory whose mounts a plugin makes and the host sees: a mount of its own, shared.</summary>
public static class PropagatedMount
{
    private const int MaxRounds = 64;

    /// <summary>Makes it, where nothing is mounted.</summary>
    /// <exception cref="StorageException">Refused: the kernel's words.</exception>
    public static void Prepare(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
            using var tree = MountTree.Bind(directory, recursive: true);
            using (var target = RootPath.Open(directory))
                tree.Attach(target.Descriptor, directory);
            // Private first: what is mounted here is for this directory and its plugin, not for whatever holds the data root.
            tree.Change(MountAttributes.None, MountAttributes.None, MountPropagation.Private, recursive: true);
            tree.Change(MountAttributes.None, MountAttributes.None, MountPropagation.Shared, recursive: true);
        }
        catch (LinuxException refused)
        {
            throw new StorageException(StorageError.Refused, $"cannot share '{directory}' with a plugin: {refused.Message}", refused);
        }
    }

    /// <summary>Takes away all that is mounted below a plugin's directory; who uses files there goes on using them.</summary>
    /// <exception cref="StorageException">Refused: something is still mounted.</exception>
    public static void RemoveBelow(string directory)
    {
        try
        {
            // As often as something was mounted: what lies above is taken away first.
            for (var left = MaxRounds; left > 0 && Mounted(directory) is { Count: > 0 } mounted; left--)
                mounted.ForEach(MountSpace.Detach);
        }
        catch (LinuxException refused)
        {
            throw new StorageException(StorageError.Refused, $"cannot unmount what a plugin mounted below '{directory}': {refused.Message}", refused);
        }

        if (Mounted(directory) is [var stuck, ..])
            throw new StorageException(StorageError.Refused, $"cannot unmount '{stuck}'");
    }

    private static List<string> Mounted(string directory) =>
        [.. MountInfo.ReadOwn().Select(mount => mount.MountPoint).Where(path => path.StartsWith(directory + "/", StringComparison.Ordinal)).OrderByDescending(path => path.Length)];
}
