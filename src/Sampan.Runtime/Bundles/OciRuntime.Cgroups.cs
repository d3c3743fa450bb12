using Sampan.Linux;
using Sampan.Linux.Cgroups;
using Sampan.Linux.Proc;
using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Launching;
using Sampan.Runtime.Mounting;

namespace Sampan.Runtime.Bundles;

/// <summary>Control groups of containers: made, opened, removed; left out where a user without privilege may not make any.</summary>
public sealed partial class OciRuntime
{
    /// <summary>The group that those of all containers without a path of their own lie in.</summary>
    private const string GroupName = "/sampan";

    private CgroupHost? _cgroupHost;

    /// <summary>What is mounted where, looked at once: an operation is a process that comes and goes.</summary>
    private CgroupHost Host => _cgroupHost ??= CgroupHost.Detect();

    /// <summary>Makes the group of a container and sets its limits.</summary>
    /// <returns>Null if it may not be made, no path and no limit is asked for, and the caller lives with it: as with runc, which is told.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    /// <exception cref="RuntimeException">Limits are asked for, and no group may be made.</exception>
    private ContainerGroup? CreateCgroup(RuntimeSpec spec, string id, Undo undo)
    {
        var limits = ResourceConversion.ForNew(spec.Linux?.Resources);
        if (ContainerGroup.AskSystemd(spec, id, limits, undo, BySystemd) is { } scope)
            return scope;
        ICgroup cgroup;
        try
        {
            cgroup = Host.Create(PathOf(spec, id, Host.Layout.Mode));
        }
        catch (LinuxException failure) when (IsRootless && failure.Errno is Errno.EACCES or Errno.EPERM or Errno.EROFS or Errno.ENODEV && spec.Linux?.CgroupsPath is not { Length: > 0 })
        {
            if (limits with { Devices = null } is { IsEmpty: false })
                throw new RuntimeException("cgroup", $"linux.resources: cannot be set without a control group: {failure.Message}; take the limits out, or give linux.cgroupsPath a group that belongs to this user", failure);
            Warn($"the container has no control group: {failure.Message}");
            return null;
        }
        var path = cgroup.Path;
        undo.Push(() => RemoveCgroup(path));
        // Where the device controller may not be used no device can be made, either: that takes more than a user has.
        return ContainerGroup.Made(cgroup, IsRootless && !ProcessCapabilities.ReadPermitted().Contains(Capability.SysAdmin) ? limits with { Devices = null } : limits);
    }

    private string PathOf(RuntimeSpec spec, string id, CgroupMode mode) => spec.Linux?.CgroupsPath switch
    {
        null or "" => $"{DefaultParent(mode)}/{id}",
        var path when path.StartsWith('/') => path,
        var path => $"{DefaultParent(mode)}/{path}",
    };

    /// <summary>On v2 a user may own the groups around his own, but never the root: systemd delegates them. Beside his own, as that one has processes.</summary>
    private string DefaultParent(CgroupMode mode)
    {
        if (!IsRootless || mode != CgroupMode.V2 || CgroupMembership.Read(CurrentProcess.ReadPid())?.FirstOrDefault(one => one.Hierarchy == 0) is not { Path: var own })
            return GroupName;
        return own[..Math.Max(0, own.LastIndexOf('/'))] + GroupName;
    }

    /// <summary>What the container may see of control groups: its own, or ours if it has none; null where none are mounted.</summary>
    private CgroupView? ViewOf(ICgroup? own, bool hasNamespace)
    {
        if (own is not null)
            return new CgroupView(Host.Layout, own.Path, hasNamespace);
        try
        {
            return new CgroupView(Host.Layout, null, hasNamespace) { Inherited = CgroupMembership.Read(CurrentProcess.ReadPid()) ?? [] };
        }
        catch (LinuxException failure) when (failure.Errno == Errno.ENODEV)
        {
            return null; // who wants to mount them is told
        }
    }

    /// <summary>The group of a container, or what stands in for it.</summary>
    private ICgroup OpenCgroup(ContainerRecord record) =>
        record.CgroupPath is { } path ? Host.Open(path) : new MissingCgroup(record);

    /// <summary>The way into a container's group, or into groups below it.</summary>
    /// <exception cref="RuntimeException">They are not below it.</exception>
    private CgroupJoin PrepareJoin(ContainerRecord record, IReadOnlyList<string> asked)
    {
        if (record.CgroupPath is { } own)
            return SubCgroup.PrepareJoin(Host, own, asked);
        return asked.Count == 0 ? CgroupJoin.None : throw new RuntimeException("cgroup", $"cannot join '{string.Join("', '", asked)}': the container has no control group");
    }

    private void RemoveCgroup(ContainerRecord record)
    {
        if (record is { CgroupPath: { } group, SystemdUnit: { } unit })
        {
            ContainerGroup.RemoveScope(group, unit);
            return;
        }
        if (record.CgroupPath is { } path)
        {
            RemoveCgroup(path);
            return;
        }
        using var missing = new MissingCgroup(record);
        missing.KillAll(s_killLimit);
    }

    private void RemoveCgroup(string path)
    {
        using var cgroup = Host.Open(path);
        cgroup.KillAll(s_killLimit);
        cgroup.Remove();
        var parent = path[..path.LastIndexOf('/')];
        if (parent.EndsWith(GroupName, StringComparison.Ordinal))
            Host.TryRemoveEmpty(parent);
    }
}
