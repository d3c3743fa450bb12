using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Mounts;
using Sampan.Storage.Volumes;

namespace Sampan.Storage.Plugins;

/// <summary>
/// A managed plugin's volume as its users have it: the very directory that was looked at, mounted where the plugin cannot reach. Whoever follows a path
/// through the plugin's own files follows what the plugin makes of it meanwhile (CVE-2021-25741).
/// <code>
/// PLUGIN/shown/VOLUME/USER
/// </code>
/// </summary>
internal static class ShownVolume
{
    private const string Folder = "shown";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Shows it to a user.</summary>
    /// <param name="plugin">The plugin's directory.</param>
    /// <param name="volume">The volume's name.</param>
    /// <param name="user">Who: a plain name.</param>
    /// <param name="directory">What the plugin says that it is; open.</param>
    /// <returns>Where.</returns>
    /// <exception cref="StorageException">Refused: the kernel's words.</exception>
    internal static string Show(string plugin, string volume, string user, SafeFd directory)
    {
        var place = PlaceOf(plugin, volume, user);
        try
        {
            Directory.CreateDirectory(place, OwnerOnly);
            using var tree = MountTree.Bind(directory, recursive: true, $"volume {volume}");
            // What is mounted here is for its user: neither the plugin nor what holds the data root gets to see it, and nothing of later comes along.
            tree.Change(MountAttributes.None, MountAttributes.None, MountPropagation.Private, recursive: true);
            LocalVolumeMount.Unmount(place);
            using var target = RootPath.Open(place);
            tree.Attach(target.Descriptor, place);
            return place;
        }
        catch (LinuxException refused)
        {
            throw new StorageException(StorageError.Refused, $"cannot show volume '{volume}' of a plugin on '{place}': {refused.Message}", refused);
        }
    }

    /// <summary>Ends that; whoever has files of it open goes on using them. Nothing happens if it is not shown.</summary>
    /// <exception cref="StorageException">Refused: it is still mounted.</exception>
    internal static void Hide(string plugin, string volume, string user)
    {
        var place = PlaceOf(plugin, volume, user);
        if (!Directory.Exists(place))
            return;
        try
        {
            LocalVolumeMount.Unmount(place);
        }
        catch (LinuxException refused)
        {
            throw new StorageException(StorageError.Refused, $"cannot unmount '{place}': {refused.Message}", refused);
        }

        Directory.Delete(place);
    }

    /// <summary>Ends it for all users but some: what a crash left.</summary>
    internal static void HideOthers(string plugin, Func<string, string, bool> isUsed)
    {
        var folder = Path.Combine(plugin, Folder);
        if (!Directory.Exists(folder))
            return;
        foreach (var volume in Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)))
        {
            foreach (var user in Directory.GetDirectories(Path.Combine(folder, volume)).Select(path => Path.GetFileName(path)).Where(user => !isUsed(volume, user)))
                Hide(plugin, volume, user);
        }
    }

    private static string PlaceOf(string plugin, string volume, string user) => Path.Combine(plugin, Folder, volume, user);
}
