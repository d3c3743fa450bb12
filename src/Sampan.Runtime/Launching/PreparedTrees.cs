using Sampan.Linux;
using Sampan.Linux.Mounts;
using Sampan.Linux.Processes;
using Sampan.Runtime.Mounting;

namespace Sampan.Runtime.Launching;

/// <summary>
/// Mounts that the launcher opens with its own rights, for the clone to attach: root in a user namespace reaches neither sources nor a root below
/// directories that are closed to its host id, and only the launcher may give a mount other owners. Of mounts that share with the host only a copy made in
/// the host's own namespace does so in both directions.
/// </summary>
internal sealed class PreparedTrees : IDisposable
{
    private const int CannotRun = 126;

    private readonly Dictionary<MountPlan, MountTree> _binds = new(ReferenceEqualityComparer.Instance);

    /// <summary>The container's root, or null if the clone mounts it by itself.</summary>
    internal MountTree? Root { get; private set; }

    /// <summary>Opens what a plan needs.</summary>
    /// <exception cref="LinuxException">A source is not there, or the kernel refused.</exception>
    /// <exception cref="RuntimeException">The launcher may not mount, and only it could do what is asked.</exception>
    internal static PreparedTrees Open(LaunchPlan plan, OpenNamespaces namespaces)
    {
        var trees = new PreparedTrees();
        try
        {
            if (!(plan.HasUserNamespace || plan.RootFollowsHost) || trees.TryOpenRoot(plan))
                trees.OpenBinds(plan, namespaces);
            else if (plan.Mounts.FirstOrDefault(mount => mount.IdMap is not null) is { } mapped)
                throw new RuntimeException("mounts", $"cannot map the ids of '{mapped.Source}' on '{mapped.Destination}': that needs privilege (CAP_SYS_ADMIN)");
            return trees;
        }
        catch
        {
            trees.Dispose();
            throw;
        }
    }

    /// <summary>The tree of a bind, if it was opened.</summary>
    internal MountTree? Find(MountPlan mount) => _binds.GetValueOrDefault(mount);

    /// <returns>False if the launcher may not mount at all: a user without privilege. Then the clone does it, who reaches no less.</returns>
    private bool TryOpenRoot(LaunchPlan plan)
    {
        try
        {
            Root = plan.RootfsMounts.Count == 0 ? MountTree.Bind(plan.RootDirectory, recursive: true) : RootfsAssembly.RootMount(plan.RootfsMounts[0], directory: null);
            return true;
        }
        catch (LinuxException failure) when (failure.Errno == Errno.EPERM)
        {
            return false;
        }
    }

    private void OpenBinds(LaunchPlan plan, OpenNamespaces namespaces)
    {
        foreach (var mount in plan.Mounts)
        {
            // Nobody in a user namespace may have the layers' own marks (trusted.overlay.*) believed.
            if (plan.HasUserNamespace && OverlayMount.IsOverlay(mount))
                _binds.Add(mount, OverlayMount.Create(mount, directory: null));
            if (mount.MountNamespace is not null && plan.HasUserNamespace)
                throw new RuntimeException("mounts", $"cannot bind on '{mount.Destination}': out of a user namespace nobody reaches another container's mounts");
            if (!mount.IsBind || mount.IsRemount || !(plan.HasUserNamespace || mount.IdMap is not null || mount.FollowsHost))
                continue;
            var tree = BindSource.Open(mount);
            _binds.Add(mount, tree);
            if (mount.IdMap is { } map)
                MapIds(tree, mount, map, plan.UserMaps, namespaces);
        }
    }

    private static void MapIds(MountTree tree, MountPlan mount, IdMapPlan map, UserMaps? container, OpenNamespaces namespaces)
    {
        try
        {
            MapIds(tree, map, container, namespaces);
        }
        catch (LinuxException cannot) when (cannot.Errno == Errno.EINVAL)
        {
            throw new StartFailedException("mounts", $"cannot show the files of '{mount.Source}' on '{mount.Destination}' with other owners (idmap): its file system{(map.Recursive ? ", or one that is mounted below," : "")} does not support it, or shows others already: leave idmap out, or use a directory of ext4, xfs, btrfs or, from Linux 6.3, tmpfs", CannotRun);
        }
    }

    private static void MapIds(MountTree tree, IdMapPlan map, UserMaps? container, OpenNamespaces namespaces)
    {
        if (map.IsOfContainer && namespaces.Find(NamespaceTypes.User) is { } joined)
        {
            tree.MapIds(joined, map.Recursive);
            return;
        }
        var maps = map.IsOfContainer ? container : UserMaps.Of(map.Users, map.Groups);
        using var space = Launcher.HoldUserNamespace(maps ?? throw new RuntimeException("mounts", $"cannot map the ids of '{tree.Name}': the container has no user namespace"));
        tree.MapIds(space, map.Recursive);
    }

    public void Dispose()
    {
        Root?.Dispose();
        foreach (var tree in _binds.Values)
            tree.Dispose();
    }
}
