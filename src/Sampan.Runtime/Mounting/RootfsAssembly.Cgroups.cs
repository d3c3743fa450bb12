using Sampan.Linux;
using Sampan.Linux.Cgroups;
using Sampan.Linux.Mounts;

namespace Sampan.Runtime.Mounting;

/// <summary>The container's view of its own cgroup.</summary>
internal sealed partial class RootfsAssembly
{
    /// <summary>
    /// On v2 the cgroup namespace makes a mount show the container's own group as the root. On v1 its groups are bound, one directory each, below a
    /// tmpfs. Without a word the view is read-only there, since whoever writes it moves its own limits; with "rw", which privileged containers get that
    /// run an engine of their own, it is not: it never shows a hierarchy's root, where release_agent is (CVE-2022-0492).
    /// </summary>
    private void MountCgroups(MountPlan mount)
    {
        if (_cgroups is not { } view)
            throw new RuntimeException("mounts", $"cannot mount on '{mount.Destination}': no control groups are mounted here");
        if (view.Layout.Mode == CgroupMode.V2)
            MountUnified(mount, view);
        else
            MountHierarchies(mount, view);
    }

    private void MountUnified(MountPlan mount, CgroupView view)
    {
        using var target = OpenTarget(mount.Destination, isDirectory: true, noLink: true);
        using var tree = view.HasNamespace
            ? MountTree.Create("cgroup2", "cgroup", [], mount.Set)
            : MountTree.Bind(view.Layout.UnifiedMountPoint + view.UnifiedPath, recursive: false);
        ChangeAttributes(tree, mount);
        tree.Attach(target, mount.Destination);
    }

    private void MountHierarchies(MountPlan mount, CgroupView view)
    {
        using var target = OpenTarget(mount.Destination, isDirectory: true, noLink: true);
        var writable = mount.Clear.HasFlag(MountAttributes.ReadOnly);
        var attributes = mount.Set | (writable ? MountAttributes.None : MountAttributes.ReadOnly) | MountAttributes.NoSetUid | MountAttributes.NoDevices | MountAttributes.NoExec;
        using var memory = MountTree.Create("tmpfs", "cgroup", [new("mode", "755")], MountAttributes.None);
        memory.Attach(target, mount.Destination);
        using var here = Linux.Io.RootPath.FromDescriptor(new SafeFd(memory.Descriptor.Number, ownsHandle: false), mount.Destination);
        foreach (var hierarchy in Hierarchies(view.Layout))
        {
            var (mountPoint, controllers) = hierarchy;
            var name = mountPoint[(mountPoint.LastIndexOf('/') + 1)..];
            using var place = here.CreateDirectories(name, Mode755);
            using var bind = MountTree.Bind(mountPoint + view.PathIn(hierarchy), recursive: false);
            bind.Change(attributes, MountAttributes.None, MountPropagation.Private, recursive: false);
            bind.Attach(place, $"{mount.Destination}/{name}");
            // Programs look for each controller by its own name: cpu → cpu,cpuacct.
            foreach (var controller in controllers)
            {
                if (controller != name && controllers.Count > 1)
                    here.CreateSymbolicLink(name, controller);
            }
        }
        memory.Change(attributes, MountAttributes.None, MountPropagation.Private, recursive: false);
    }

    private static IEnumerable<CgroupHierarchy> Hierarchies(CgroupLayout layout)
    {
        foreach (var hierarchy in layout.Hierarchies)
        {
            // A hierarchy without controllers (name=systemd) holds no group of ours.
            if (hierarchy.Controllers.Any(controller => !controller.StartsWith("name=", StringComparison.Ordinal)))
                yield return hierarchy;
        }
    }
}
