namespace Sampan.Linux.Cgroups;

/// <summary>The rules for a group's path: it is joined to the hierarchies' mount points, so nothing in it may lead elsewhere.</summary>
internal static class CgroupPath
{
    /// <summary>The path without repeated or trailing slashes.</summary>
    /// <exception cref="LinuxException">EINVAL: it is not absolute, is the root, or has parts that are <c>.</c>, <c>..</c>, or hold control characters.</exception>
    internal static string Normalize(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var sound = path.StartsWith('/') && parts.Length > 0 && Array.TrueForAll(parts, part =>
            part is not ("." or "..") && part.Length <= 255 && !part.AsSpan().ContainsAnyInRange('\0', '\x1f'));
        return sound ? "/" + string.Join('/', parts) : throw new LinuxException("use control group path", Errno.EINVAL, path);
    }

    /// <summary>Path of the parent; <c>/</c> above the first level.</summary>
    internal static string Parent(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash <= 0 ? "/" : path[..slash];
    }
}
