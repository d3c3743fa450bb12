using System.Globalization;
using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Mounts;
using Sampan.Linux.Netlink;
using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Launching;
using Sampan.Runtime.Supervision;

namespace Sampan.Runtime;

/// <summary>
/// A user namespace that containers share, kept by a file: made, used and given back for a daemon, which has too many threads to make one itself.
/// </summary>
public static class UserSpaces
{
    private const int ComplaintMaxBytes = 4096;
    private static readonly Version s_first = new(6, 8);

    /// <summary>Why overlays of mapped layers cannot be made here; null: they can.</summary>
    public static string? Problem() => Environment.OSVersion.Version < s_first
        ? $"the kernel is {Environment.OSVersion.Version.ToString(2)}, and layers whose owners are mapped need Linux {s_first.ToString(2)}"
        : null;

    /// <summary>Makes a user namespace.</summary>
    /// <param name="runtimePath">The <c>sampan-runtime</c> executable.</param>
    /// <param name="file">Keeps it; must not exist.</param>
    /// <param name="users">User ids.</param>
    /// <param name="groups">Group ids.</param>
    /// <exception cref="RuntimeException">The kernel refused.</exception>
    public static void Make(string runtimePath, string file, IReadOnlyList<IdMapping> users, IReadOnlyList<IdMapping> groups) =>
        Run(runtimePath, ["make", file, Text(users), Text(groups)]);

    /// <summary>Mounts a directory so that its owners are those of the namespace: root of the directory's files is root of the containers.</summary>
    /// <param name="runtimePath">The <c>sampan-runtime</c> executable.</param>
    /// <param name="file">What keeps the user namespace.</param>
    /// <param name="source">The directory; what is mounted below it does not show.</param>
    /// <param name="target">Where.</param>
    /// <exception cref="RuntimeException">The kernel or the file system cannot.</exception>
    public static void Show(string runtimePath, string file, string source, string target) => Run(runtimePath, ["show", file, source, target]);

    /// <summary>Whether the file system of a directory can show its files with the owners of the namespace: the kernel is asked by a mount that nobody sees.</summary>
    /// <param name="file">What keeps the user namespace.</param>
    /// <param name="directory">The directory.</param>
    /// <exception cref="RuntimeException">The kernel refused for another reason.</exception>
    public static bool CanShow(string file, string directory)
    {
        try
        {
            using var space = NamespaceFile.Open(file);
            using var tree = MountTree.Bind(directory, recursive: false);
            tree.MapIds(space, recursive: false);
            return true;
        }
        catch (LinuxException cannot) when (cannot.Errno == Errno.EINVAL)
        {
            return false;
        }
        catch (LinuxException failure)
        {
            throw new RuntimeException("user namespace", failure.Message, failure);
        }
    }

    /// <summary>Makes a network namespace whose owner is root of the containers.</summary>
    /// <param name="runtimePath">The <c>sampan-runtime</c> executable.</param>
    /// <param name="file">What keeps the user namespace.</param>
    /// <param name="target">Keeps the network namespace; must not exist.</param>
    /// <exception cref="RuntimeException">The kernel refused.</exception>
    public static void MakeNetwork(string runtimePath, string file, string target) => Run(runtimePath, ["network", file, target]);

    /// <summary>Whether a file keeps a namespace: it is a mount, which a reboot takes away.</summary>
    public static bool IsKept(string file) => FileSystem.IsNamespace(file);

    /// <summary>Lets go of what a file keeps, or of what is mounted on a directory. Nothing happens if nothing is there.</summary>
    /// <exception cref="RuntimeException">The kernel refused.</exception>
    public static void Drop(string path)
    {
        try
        {
            if (Directory.Exists(path))
                MountSpace.Detach(path);
            else
                NetworkNamespace.Drop(path);
        }
        catch (LinuxException failure)
        {
            throw new RuntimeException("user namespace", failure.Message, failure);
        }
    }

    private static void Run(string runtimePath, IReadOnlyList<string> words)
    {
        try
        {
            using var complaint = MemoryFile.Create("complaint", []);
            using var process = PidFd.Open(ProcessSpawner.Spawn(SealedProgram.Get(runtimePath).ProcPath, ["sampan-runtime", "--log", "/dev/null", "users", .. words], new Dictionary<string, string>(), new SpawnOptions { Stderr = complaint, WorkingDirectory = "/" }));
            if (process.Reap() is { ExitCode: 0 })
                return;
            var said = System.Text.Encoding.UTF8.GetString(HostFile.Read(complaint.ProcPath, ComplaintMaxBytes)).Trim();
            throw new RuntimeException("user namespace", said.Length > 0 ? said : $"'{runtimePath} users {words[0]}' failed");
        }
        catch (LinuxException failure)
        {
            throw new RuntimeException("user namespace", $"cannot start '{runtimePath}': {failure.Message}", failure);
        }
    }

    private static string Text(IReadOnlyList<IdMapping> map) => string.Join(',', map.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.ContainerId}:{one.HostId}:{one.Size}")));
}
