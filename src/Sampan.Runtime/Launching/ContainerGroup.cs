using Sampan.Linux.Cgroups;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Systemd;

namespace Sampan.Runtime.Launching;

/// <summary>
/// The control group of a container: a directory that was made, or a scope that systemd is asked for. systemd starts no empty scope and removes one that
/// has become empty, so a process of ours holds it until init is born into it.
/// </summary>
/// <param name="cgroup">The group, with its limits.</param>
internal sealed class ContainerGroup(ICgroup cgroup) : IDisposable
{
    private static readonly TimeSpan s_killLimit = TimeSpan.FromSeconds(10);

    private LaunchedProcess? _holder;
    private CgroupResources? _late;

    /// <summary>The group itself.</summary>
    internal ICgroup Cgroup => cgroup;

    /// <summary>The scope's name; null if systemd knows nothing of the group.</summary>
    internal string? Unit { get; private init; }

    /// <summary>Makes the group that a specification names, in the way that the form of its path says.</summary>
    /// <param name="host">The host's groups.</param>
    /// <param name="spec">The specification.</param>
    /// <param name="id">Of the container.</param>
    /// <param name="undo">Gets the inverses.</param>
    /// <exception cref="RuntimeException">systemd does not run here, or refused.</exception>
    internal static ContainerGroup Create(CgroupHost host, RuntimeSpec spec, string id, Undo undo)
    {
        var limits = ResourceConversion.ForNew(spec.Linux?.Resources);
        if (AskSystemd(spec, id, limits, undo, bySystemd: null) is { } scope)
            return scope;
        var cgroup = host.Create(spec.Linux?.CgroupsPath is { Length: > 0 } own ? own : "/sampan/" + id);
        undo.Push(cgroup.Remove);
        return Made(cgroup, limits);
    }

    /// <summary>
    /// A group that was made, with its limits: before init is born, which opens devices while it mounts. On v1 a list of devices is written rule by rule,
    /// and between "none" and those allowed it would find its terminal forbidden.
    /// </summary>
    internal static ContainerGroup Made(ICgroup cgroup, CgroupResources limits)
    {
        cgroup.Apply(limits);
        return new ContainerGroup(cgroup);
    }

    /// <summary>
    /// Asks systemd for a scope, if a specification wants one:
    /// <list type="number">
    /// <item>make the process that holds it</item>
    /// <item>start the scope with that process and the limits; ask where it is</item>
    /// <item>enable the controllers that systemd does not know; set what it has no property for</item>
    /// </list>
    /// The limit of processes comes in <see cref="Settle"/>: the holder is not to count.
    /// </summary>
    /// <param name="spec">The specification.</param>
    /// <param name="id">Of the container.</param>
    /// <param name="limits">What may be used.</param>
    /// <param name="undo">Gets the inverses.</param>
    /// <param name="bySystemd">True and false: systemd is, or is not, to be asked, and a path of the other form is refused. Null: the form says it.</param>
    /// <returns>Null if the specification wants a directory.</returns>
    /// <exception cref="RuntimeException">The path has not the form asked for; systemd does not run here, or refused.</exception>
    internal static ContainerGroup? AskSystemd(RuntimeSpec spec, string id, CgroupResources limits, Undo undo, bool? bySystemd)
    {
        if (ScopeOf(spec.Linux?.CgroupsPath, id, bySystemd) is not { } scope)
            return null;
        var asked = ScopeAnnotations.Read(spec.Annotations);
        var host = RequireSystemd();
        // Before the connection: the holder is not to have it.
        var holder = Launcher.Hold();
        try
        {
            using var systemd = SystemdManager.Connect();
            var early = limits with { Pids = null };
            var own = ScopeProperties.ForNew(scope.Slice, $"sampan container {id}", holder.Process.Pid).Where(property => !asked.Any(other => other.Name == property.Name));
            systemd.StartScope(scope.Unit, [.. own, .. asked, .. ScopeProperties.Of(early, cpuMax: "")]);
            var path = systemd.ControlGroupOf(scope.Unit);
            undo.Push(() => RemoveScope(path, scope.Unit));
            var cgroup = host.Adopt(path);
            cgroup.Apply(early);
            return new ContainerGroup(cgroup) { Unit = scope.Unit, _holder = holder, _late = new CgroupResources { Pids = limits.Pids } };
        }
        catch
        {
            holder.Abandon(); // with it the scope ends, if there is one already
            throw;
        }
    }

    /// <summary>Throws unless systemd can be asked for scopes here.</summary>
    /// <exception cref="RuntimeException">It does not run, the caller is not root, or the host has cgroup v1.</exception>
    internal static CgroupHost RequireSystemd()
    {
        SystemdManager.RequireUsable();
        var host = CgroupHost.Detect();
        return host.Layout.Mode == CgroupMode.V2 ? host
            : throw new RuntimeException("systemd", "cgroups by systemd need cgroup v2, this host has v1: give an absolute linux.cgroupsPath, and no --systemd-cgroup");
    }

    /// <summary>Limits at once, for what is not born as a child of ours that waits; but for the limit of processes of a scope, whose holder is still there.</summary>
    internal void Limit()
    {
        if (Unit is not null || _late is not { } late)
            return;
        _late = null;
        Cgroup.Apply(late);
    }

    /// <summary>Init is born: the holder goes, and what is not limited yet is limited now.</summary>
    /// <exception cref="RuntimeException">systemd refused.</exception>
    internal void Settle()
    {
        _holder?.Abandon();
        _holder = null;
        if (_late is { IsEmpty: false } late)
            Apply(Cgroup, Unit, late);
    }

    /// <summary>Changes limits. systemd is told first: it writes the files, too, and rounds.</summary>
    /// <exception cref="RuntimeException">systemd refused.</exception>
    internal static void Apply(ICgroup cgroup, string? unit, CgroupResources limits)
    {
        if (unit is not null)
        {
            using var systemd = SystemdManager.Connect();
            var properties = ScopeProperties.Of(limits, CgroupHost.Detect().ReadUnified(cgroup.Path, "cpu.max") ?? "");
            if (properties.Count > 0)
                systemd.SetProperties(unit, properties);
        }
        cgroup.Apply(limits);
    }

    /// <summary>Removes the group when nobody is left in it; gone already is well.</summary>
    /// <exception cref="RuntimeException">systemd refused.</exception>
    internal void Remove()
    {
        if (Unit is not null)
            Stop(Unit);
        Cgroup.Remove();
    }

    /// <summary>Kills who is left in a scope, and removes it; gone already is well.</summary>
    /// <exception cref="RuntimeException">systemd refused.</exception>
    internal static void RemoveScope(string path, string unit)
    {
        using var cgroup = CgroupHost.Detect().Open(path);
        cgroup.KillAll(s_killLimit);
        Stop(unit);
        cgroup.Remove();
    }

    /// <summary>Kills and removes what a launcher left that is gone.</summary>
    /// <param name="cgroupsPath">What the specification says.</param>
    /// <exception cref="RuntimeException">systemd refused.</exception>
    internal static void RemoveAbandoned(string cgroupsPath)
    {
        if (ScopeName.IsScope(cgroupsPath))
        {
            var scope = ScopeName.Parse(cgroupsPath);
            RemoveScope(scope.CgroupPath, scope.Unit);
            return;
        }
        using var cgroup = CgroupHost.Detect().Open(cgroupsPath);
        cgroup.KillAll(s_killLimit);
        cgroup.Remove();
    }

    public void Dispose()
    {
        _holder?.Abandon();
        _holder = null;
        Cgroup.Dispose();
    }

    private static void Stop(string unit)
    {
        using var systemd = SystemdManager.Connect();
        systemd.Stop(unit);
    }

    private static ScopeName? ScopeOf(string? path, string id, bool? bySystemd)
    {
        var isScope = path is { Length: > 0 } && ScopeName.IsScope(path);
        if (bySystemd == false && isScope)
            throw new RuntimeException("cgroup", $"linux.cgroupsPath '{path}' is for systemd: give --systemd-cgroup, or an absolute path");
        if (!(bySystemd ?? isScope))
            return null;
        return path is null or "" ? ScopeName.Default(id) : ScopeName.Parse(path);
    }
}
