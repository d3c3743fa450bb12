using System.Net;
using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Mounts;
using Sampan.Linux.Proc;
using Sampan.Linux.Processes;

namespace Sampan.Storage.Volumes;

/// <summary>Mounts what the options of a local volume name over its data directory, and takes it away.</summary>
internal static class LocalVolumeMount
{
    private static readonly Dictionary<string, MountAttributes> s_attributes = new(StringComparer.Ordinal)
    {
        ["ro"] = MountAttributes.ReadOnly,
        ["nosuid"] = MountAttributes.NoSetUid,
        ["nodev"] = MountAttributes.NoDevices,
        ["noexec"] = MountAttributes.NoExec,
        ["nodiratime"] = MountAttributes.NoDirectoryAccessTime,
        ["noatime"] = MountAttributes.NoAccessTime,
        ["strictatime"] = MountAttributes.StrictAccessTime,
    };

    // What mount(8) takes and what is so anyway, or is said by what is mounted.
    private static readonly HashSet<string> s_plain = new(StringComparer.Ordinal) { "rw", "defaults", "bind", "rbind", "loop", "suid", "dev", "exec", "relatime", "atime", "auto", "noauto", "nofail", "_netdev" };

    /// <summary>Mounts it.</summary>
    /// <exception cref="StorageException">Refused: the kernel's words, and what to do.</exception>
    internal static async Task MountAsync(VolumeRecord volume, LocalVolumeOptions options, CancellationToken ct)
    {
        var words = await ResolveAsync(volume, options, ct).ConfigureAwait(false);
        try
        {
            using var loop = options is { IsBind: false, Device: { } file } && File.Exists(file) && FileKindOf(file) == FileKind.Regular ? LoopDevice.Open(file, words.Contains("ro")) : null;
            using var tree = options.IsBind ? Bind(options, words) : Create(options, loop?.Path ?? options.Device ?? "", words);
            using var target = RootPath.Open(volume.MountPoint);
            tree.Attach(target.Descriptor, volume.MountPoint);
            FailPoint.Reach("volume.mounted");
        }
        catch (LinuxException refused)
        {
            throw new StorageException(StorageError.Refused, $"failed to mount local volume: mount {options.Device}:{volume.MountPoint}, type: {options.Type}, data: {string.Join(',', options.Words)}: {Why(options, refused)}", refused);
        }
    }

    /// <summary>True if something is mounted over a directory.</summary>
    internal static bool IsMounted(string directory) => MountInfo.ReadOwn().Any(mount => mount.MountPoint == directory);

    /// <summary>Takes away all that is mounted over a directory; who uses files of it goes on using them.</summary>
    /// <exception cref="StorageException">Refused: it is still mounted.</exception>
    internal static void Unmount(string directory)
    {
        // As often as it was mounted: a crash may have left one below.
        for (var left = 16; left > 0 && IsMounted(directory); left--)
        {
            MountSpace.Detach(directory);
            FailPoint.Reach("volume.unmounted");
        }

        if (IsMounted(directory))
            throw new StorageException(StorageError.Refused, $"cannot unmount '{directory}'");
    }

    private static MountTree Bind(LocalVolumeOptions options, IReadOnlyList<string> words)
    {
        if (words.FirstOrDefault(word => !s_plain.Contains(word) && !s_attributes.ContainsKey(word)) is { } unknown)
            throw new StorageException(StorageError.InvalidInput, $"invalid option: \"o\": '{unknown}' is nothing that a bind can have");
        var recursive = words.Contains("rbind");
        var tree = MountTree.Bind(options.Device ?? "", recursive);
        tree.Change(Attributes(words), MountAttributes.None, MountPropagation.Private, recursive);
        return tree;
    }

    private static MountTree Create(LocalVolumeOptions options, string device, IReadOnlyList<string> words)
    {
        var data = words.Where(word => word == "ro" || (!s_plain.Contains(word) && !s_attributes.ContainsKey(word)))
            .Select(word => word.IndexOf('=') is var equals && equals < 0 ? new KeyValuePair<string, string?>(word, null) : new(word[..equals], word[(equals + 1)..]));
        return MountTree.Create(options.Type ?? "", device, [.. data], Attributes(words));
    }

    private static MountAttributes Attributes(IReadOnlyList<string> words) =>
        words.Aggregate(MountAttributes.None, (all, word) => all | s_attributes.GetValueOrDefault(word));

    // The kernel wants an address; mount.nfs(8) looks names up, and so does Docker.
    private static async Task<IReadOnlyList<string>> ResolveAsync(VolumeRecord volume, LocalVolumeOptions options, CancellationToken ct)
    {
        if (options.Type is not ("nfs" or "nfs4" or "cifs") || options.Words.FirstOrDefault(word => word.StartsWith("addr=", StringComparison.Ordinal)) is not { } given)
            return options.Words;
        var name = given["addr=".Length..];
        if (IPAddress.TryParse(name, out _))
            return options.Words;
        try
        {
            var found = await Dns.GetHostAddressesAsync(name, ct).ConfigureAwait(false);
            return [.. options.Words.Select(word => word == given ? $"addr={found[0]}" : word)];
        }
        catch (System.Net.Sockets.SocketException unknown)
        {
            throw new StorageException(StorageError.Unavailable, $"error resolving passed in network volume address '{name}' of volume '{volume.Name}': {unknown.Message}", unknown);
        }
    }

    private static string Why(LocalVolumeOptions options, LinuxException refused) => refused.Errno switch
    {
        Errno.ENODEV => $"this kernel has no file system '{options.Type}': load its module (modprobe {options.Type}) or use another type",
        Errno.ENOENT when options.IsBind => $"no such file or directory: '{options.Device}' is not on this host",
        _ => refused.Message,
    };

    private static FileKind FileKindOf(string path)
    {
        using var root = RootPath.Open("/");
        return root.TryStat(path, out var status, out _, followLast: true) ? status.Kind : FileKind.Unknown;
    }
}
