using System.Text;
using Sampan.Linux;
using Sampan.Linux.Mounts;

namespace Sampan.Runtime.Mounting;

/// <summary>Mounts an overlay of any number of layers.</summary>
/// <remarks>
/// mount(2) takes a page of options, so moby shortens layer paths to links and changes directories. By fsconfig(2) each layer is an option of
/// its own (<c>lowerdir+</c>, Linux 6.8); an older kernel gets the old call.
/// </remarks>
internal static class OverlayMount
{
    private const int PageSize = 4096;

    internal static bool IsOverlay(MountPlan mount) => mount.Type == "overlay";

    /// <summary>Makes the mount, attached nowhere.</summary>
    /// <param name="mount">The overlay.</param>
    /// <param name="directory">Where an older kernel must put it first.</param>
    internal static MountTree Create(MountPlan mount, string? directory)
    {
        try
        {
            return MountTree.Create("overlay", mount.Source ?? "overlay", Separate(mount.Data), mount.Set | mount.RecursiveSet);
        }
        catch (LinuxException failure) when (directory is not null && failure.Errno is Errno.EINVAL && failure.Call.Contains("lowerdir+", StringComparison.Ordinal))
        {
            return CreateByOldCall(mount, directory);
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

    private static MountTree CreateByOldCall(MountPlan mount, string directory)
    {
        var options = new StringBuilder();
        foreach (var (key, value) in mount.Data)
            options.Append(options.Length == 0 ? "" : ",").Append(key).Append(value is null ? "" : "=").Append(value);
        if (options.Length >= PageSize)
            throw new RuntimeException("root", $"cannot mount an overlay of so many layers: its options have {options.Length} bytes, this kernel takes {PageSize - 1} (Linux 6.8 has no such limit)");
        using var target = Sampan.Linux.Io.RootPath.Open(directory);
        MountSpace.MountAt("overlay", mount.Source ?? "overlay", target.Descriptor, mount.Set | mount.RecursiveSet, options.ToString());
        // Bound once more to have it by descriptor and unattached, as the new call gives it; the first goes with the old root.
        return MountTree.Bind(directory, recursive: false);
    }
}
