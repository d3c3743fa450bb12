using System.Globalization;
using Sampan.Engine.Containers.Files;
using Sampan.Engine.Containers.Mounts;
using Sampan.Engine.Containers.Wishes;
using Sampan.Network;
using Sampan.Oci.Runtime;
using Sampan.Runtime;
using Sampan.Storage.Volumes;

namespace Sampan.Engine.Users;

/// <summary>
/// The user namespace of this daemon's containers. What is on the disk has the owners that containers see, so images, volumes, copies and builds know
/// nothing of it; only mounts are made through the map.
/// <code>
/// EXEC-ROOT/users/namespace    the user namespace; all mapped containers and their networks are in it
/// EXEC-ROOT/users/data         the data root, its owners mapped: layers are mounted from here
/// EXEC-ROOT/users/net.*        a network namespace between its making and its opening
/// </code>
/// It outlives the daemon as long as containers run.
/// </summary>
internal sealed class MappedUsers
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly EngineOptions _options;
    private int _lastNetwork;

    private MappedUsers(EngineOptions options, UserRemap map)
    {
        _options = options;
        Map = map;
    }

    /// <summary>Which ids.</summary>
    public UserRemap Map { get; }

    /// <summary>The file that keeps the user namespace.</summary>
    public string Namespace => Path.Combine(Home(_options), "namespace");

    private string View => Path.Combine(Home(_options), "data");

    private string MapFile => Path.Combine(Home(_options), "map");

    /// <summary>Finds what an earlier daemon left for containers that still run, or makes it anew.</summary>
    /// <returns>Null: users are not mapped.</returns>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotSupported"/>: the kernel or the data root's file system cannot.</exception>
    public static MappedUsers? Open(EngineOptions options)
    {
        if (options.Remap is not { } map)
            return null;
        if (UserSpaces.Problem() is { } problem)
            throw EngineException.NotSupported($"userns-remap is not possible here: {problem}");
        // Paths of layers are told from other words of an overlay's options by their beginning.
        if (options.DataRoot.AsSpan().IndexOfAny(':', ',', '\\') >= 0 || options.ExecRoot.AsSpan().IndexOfAny(':', ',', '\\') >= 0)
            throw EngineException.NotSupported("userns-remap is not possible here: the path of the data root or of the exec root has a ':', ',' or '\\'");
        var users = new MappedUsers(options, map);
        try
        {
            users.Make();
        }
        catch (RuntimeException failure)
        {
            throw EngineException.NotSupported($"userns-remap is not possible here: {failure.Message}");
        }

        return users;
    }

    private void Make()
    {
        Directory.CreateDirectory(Home(_options), OwnerOnly);
        foreach (var left in Directory.EnumerateFiles(Home(_options), "net.*"))
            UserSpaces.Drop(left);
        var text = string.Join('\n', Map.Users.Concat(Map.Groups).Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.ContainerId} {one.HostId} {one.Size}")));
        // Networks that containers share belong to one user namespace: it is kept while they run.
        if (!File.Exists(Namespace) || !File.Exists(MapFile) || File.ReadAllText(MapFile) != text || !UserSpaces.IsKept(Namespace))
        {
            UserSpaces.Drop(Namespace);
            UserSpaces.Make(_options.RuntimePath, Namespace, Map.Users, Map.Groups);
            ContainerFiles.Write(MapFile, text);
        }

        Directory.CreateDirectory(View, OwnerOnly);
        UserSpaces.Drop(View);
        UserSpaces.Show(_options.RuntimePath, Namespace, _options.DataRoot, View);
    }

    /// <summary>What is wrong with a wish for a container whose users are mapped, in Docker's words.</summary>
    public static IEnumerable<string> Problems(ContainerSpec spec)
    {
        if (spec.Security.Privileged)
            yield return "privileged mode is incompatible with user namespaces.  You must run the container in the host namespace when running privileged mode";
        if (spec.Network.Mode == "host")
            yield return "cannot share the host's network namespace when user namespaces are enabled";
        if (spec.Namespaces.Pid == "host")
            yield return "cannot share the host PID namespace when user namespaces are enabled";
    }

    /// <summary>Makes a network namespace that belongs to the user namespace, and gives a path that keeps it until <see cref="UserSpaces.Drop"/>.</summary>
    /// <exception cref="NetworkException">The kernel refused.</exception>
    public string MakeNetwork()
    {
        // What a daemon that was killed had begun may still be made, under its own name.
        var path = Path.Combine(Home(_options), string.Create(CultureInfo.InvariantCulture, $"net.{Environment.ProcessId}.{Interlocked.Increment(ref _lastNetwork)}"));
        try
        {
            UserSpaces.MakeNetwork(_options.RuntimePath, Namespace, path);
        }
        catch (RuntimeException refused)
        {
            throw new NetworkException(NetworkError.Internal, refused.Message, refused);
        }

        return path;
    }

    /// <summary>Mounts of layers, through the map.</summary>
    public IReadOnlyList<Mount> Shown(IReadOnlyList<Mount> mounts) => [.. mounts.Select(Shown)];

    /// <inheritdoc cref="Shown(IReadOnlyList{Mount})"/>
    public Mount Shown(Mount mount) => mount with
    {
        Source = mount.Source is { } source && IsStored(source) ? View + source[_options.DataRoot.Length..] : mount.Source,
        Options = [.. mount.Options.Select(Shown)],
    };

    private bool IsStored(string path) => path.StartsWith(_options.DataRoot + "/", StringComparison.Ordinal);

    // "lowerdir=A:B": each path begins behind '=' or ':'.
    private string Shown(string option)
    {
        var equals = option.IndexOf('=');
        if (equals < 0 || option[..equals] is not ("lowerdir" or "upperdir" or "workdir"))
            return option;
        return option[..(equals + 1)] + string.Join(':', option[(equals + 1)..].Split(':').Select(path => IsStored(path) ? View + path[_options.DataRoot.Length..] : path));
    }

    /// <summary>
    /// Whether a mount of a container is made through the map: what the engine put on the disk has the owners that containers see. What is the host's has
    /// the host's owners, and so has a volume whose file system can show no others (NFS, FUSE, CIFS), as with Docker.
    /// </summary>
    /// <param name="mount">The mount; a volume is where it is used.</param>
    /// <param name="volumes">The volumes.</param>
    public bool Maps(MountPoint mount, VolumeStore volumes) => mount.Kind switch
    {
        MountKind.Bind => mount.IsOwn,
        MountKind.Volume => volumes.Find(mount.VolumeName ?? "") is { IsBind: false } volume && (!volume.NeedsMount || UserSpaces.CanShow(Namespace, mount.Source)),
        _ => false,
    };

    /// <summary>Gives back what is kept; no container may run.</summary>
    public static void Release(EngineOptions options)
    {
        var home = Home(options);
        if (!Directory.Exists(home))
            return;
        UserSpaces.Drop(Path.Combine(home, "data"));
        foreach (var file in Directory.EnumerateFiles(home, "net.*").Append(Path.Combine(home, "namespace")))
            UserSpaces.Drop(file);
        Directory.Delete(home, recursive: true);
    }

    private static string Home(EngineOptions options) => Path.Combine(options.ExecRoot, "users");
}
