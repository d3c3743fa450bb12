using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Observation;

/// <summary>Device nodes of the host as the OCI spec describes them.</summary>
public static class HostDevices
{
    // What containers have of their own, or what is a view into something that is not a device.
    private static readonly string[] NotListed = ["pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev"];

    /// <summary>The node, or every node below a directory; links to nodes are followed for <paramref name="path"/> itself only.</summary>
    /// <param name="path">An absolute path of the host.</param>
    /// <exception cref="RuntimeException">There is nothing, or it is neither a device nor a directory with one.</exception>
    public static IReadOnlyList<Device> Find(string path)
    {
        using var root = RootPath.Open("/");
        if (!root.TryStat(path, out var status, out var errno, followLast: true))
            throw new RuntimeException("find device", $"cannot use device '{path}': {new LinuxException("stat", errno, path).Message}");
        if (status.Kind != FileKind.Directory)
            return [Describe(path, status) ?? throw new RuntimeException("find device", $"cannot use device '{path}': it is not a device node")];
        var devices = new List<Device>();
        Walk(root, path.TrimEnd('/'), devices);
        if (devices.Count == 0)
            throw new RuntimeException("find device", $"cannot use directory '{path}': there is no device node in it");
        return devices;
    }

    private static void Walk(RootPath root, string directory, List<Device> devices)
    {
        foreach (var path in Directory.EnumerateFileSystemEntries(directory.Length == 0 ? "/" : directory).Order(StringComparer.Ordinal))
        {
            if (!root.TryStat(path, out var status, out _))
                continue;
            if (status.Kind == FileKind.Directory && !NotListed.Contains(Path.GetFileName(path)))
                Walk(root, path, devices);
            else if (path != "/dev/console" && Describe(path, status) is { } device)
                devices.Add(device);
        }
    }

    private static Device? Describe(string path, FileStatus status)
    {
        var type = status.Kind switch { FileKind.CharacterDevice => "c", FileKind.BlockDevice => "b", _ => null };
        return type is null ? null : new Device
        {
            Type = type,
            Path = path,
            Major = status.Device.Major,
            Minor = status.Device.Minor,
            FileMode = (uint)status.Mode,
            Uid = status.Uid,
            Gid = status.Gid,
        };
    }
}
