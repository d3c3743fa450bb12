using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Mounts;
using Sampan.Linux.Processes;

namespace Sampan.Runtime.Mounting;

/// <summary>Mounts an overlay of any number of layers.</summary>
/// <remarks>
/// mount(2) takes a page of options, so moby shortens layer paths to links and changes directories. By fsconfig(2) each layer is an option of
/// its own (<c>lowerdir+</c>, Linux 6.8); an older kernel gets the old call, with descriptors' paths for layers if theirs are too long.
/// </remarks>
internal static class OverlayMount
{
    private const int PageSize = 4096;
    private static readonly Version s_separateLayers = new(6, 8);

    internal static bool IsOverlay(MountPlan mount) => mount.Type == "overlay";

    /// <summary>Makes the mount, attached nowhere.</summary>
    /// <param name="mount">The overlay.</param>
    /// <param name="directory">Where an older kernel must put it first.</param>
    internal static MountTree Create(MountPlan mount, string? directory)
    {
        // overlayfs makes what it needs beside the upper layer as whoever mounts it; through a mount with other owners, root may be nobody (ovl_workdir_create: EOVERFLOW).
        if (mount.Data.FirstOrDefault(option => option.Key == "workdir").Value is { } work && FileStatus.TryOf(work, out var owned) && (owned.Uid != CurrentProcess.ReadUid() || owned.Gid != CurrentProcess.ReadGid()))
            return CurrentProcess.AsOwner(owned.Uid, owned.Gid, () => CreateAsCaller(mount, directory));
        return CreateAsCaller(mount, directory);
    }

    private static MountTree CreateAsCaller(MountPlan mount, string? directory)
    {
        if (directory is not null && Environment.OSVersion.Version < s_separateLayers)
            return CreateByOldCall(mount, directory, failure: null); // asking would cost a line in the kernel's log each time
        try
        {
            return MountTree.Create("overlay", mount.Source ?? "overlay", Separate(mount.Data), mount.Set | mount.RecursiveSet);
        }
        catch (LinuxException failure) when (directory is not null && failure.Errno is Errno.EINVAL)
        {
            // The number is only a guess at what the kernel can do.
            return CreateByOldCall(mount, directory, failure);
        }
    }

    private static List<KeyValuePair<string, string?>> Separate(IReadOnlyList<KeyValuePair<string, string?>> data)
    {
        var options = new List<KeyValuePair<string, string?>>(data.Count + 16);
        foreach (var (key, value) in data)
        {
            if (key != "lowerdir" || value is null)
            {
                options.Add(new(key, value));
                continue;
            }
            foreach (var layer in value.Split(':'))
                options.Add(new("lowerdir+", layer));
        }
        return options;
    }

    private static MountTree CreateByOldCall(MountPlan mount, string directory, LinuxException? failure)
    {
        var layers = new List<RootPath>();
        try
        {
            var options = Join(mount.Data);
            if (options.Length >= PageSize)
                options = Join([.. mount.Data.Select(option => option is { Key: "lowerdir", Value: { } paths } ? new(option.Key, ByDescriptor(paths, layers)) : option)]);
            if (options.Length >= PageSize)
                throw new RuntimeException("root", $"cannot mount an overlay of so many layers: its options have {options.Length} bytes, this kernel takes {PageSize - 1} (Linux 6.8 has no such limit)");
            using var target = RootPath.Open(directory);
            MountSpace.MountAt("overlay", mount.Source ?? "overlay", target.Descriptor, mount.Set | mount.RecursiveSet, options);
        }
        catch (LinuxException again) when (again.Errno is Errno.EINVAL && failure is not null)
        {
            throw failure; // neither call takes it; the new one has the kernel's words
        }
        finally
        {
            layers.ForEach(layer => layer.Dispose());
        }
        // Bound once more to have it by descriptor and unattached, as the new call gives it; the first goes with the old root.
        return MountTree.Bind(directory, recursive: false);
    }

    private static string Join(IReadOnlyList<KeyValuePair<string, string?>> data) =>
        string.Join(',', data.Select(option => option.Value is null ? option.Key : $"{option.Key}={option.Value}"));

    private static string ByDescriptor(string paths, List<RootPath> layers)
    {
        foreach (var path in paths.Split(':'))
            layers.Add(RootPath.Open(path));
        return string.Join(':', layers.Select(layer => $"/proc/self/fd/{layer.Descriptor.Number}"));
    }
}
