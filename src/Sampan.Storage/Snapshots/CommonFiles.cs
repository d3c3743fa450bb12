namespace Sampan.Storage.Snapshots;

/// <summary>
/// What every container finds besides its image, as dockerd has it: places for what is mounted in each, <c>/.dockerenv</c>, by which programs know
/// that they run in a container, and <c>/etc/mtab</c>. It lies below the image's layers, so that an image's own of the same name counts, and it is
/// one directory for all: nothing need be made at a container's start, nor be removed with it.
/// </summary>
internal static class CommonFiles
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private static readonly string[] s_directories = ["", "dev", "dev/pts", "dev/shm", "etc", "proc", "sys"];
    private static readonly string[] s_files = [".dockerenv", "dev/console", "etc/hostname", "etc/hosts", "etc/resolv.conf"];

    /// <summary>Makes what lacks of it; a daemon that was killed half-way, or a power cut, leaves a part.</summary>
    /// <param name="dataRoot">The daemon's data root: <c>DATA-ROOT/common</c>.</param>
    /// <returns>The directory.</returns>
    internal static string Make(string dataRoot)
    {
        var root = Path.Combine(dataRoot, "common");
        foreach (var directory in s_directories)
        {
            if (!Directory.Exists(Path.Combine(root, directory)))
                Directory.CreateDirectory(Path.Combine(root, directory));
            Dress(Path.Combine(root, directory));
        }
        foreach (var file in s_files)
        {
            if (!File.Exists(Path.Combine(root, file)))
                File.Create(Path.Combine(root, file)).Dispose();
            Dress(Path.Combine(root, file));
        }
        var table = new FileInfo(Path.Combine(root, "etc/mtab"));
        if (table.LinkTarget is null)
            table.CreateAsSymbolicLink("/proc/mounts");
        return root;
    }

    // Whatever the daemon's umask is.
    private static void Dress(string path)
    {
        if (File.GetUnixFileMode(path) != Mode)
            File.SetUnixFileMode(path, Mode);
    }
}
