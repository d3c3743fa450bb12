using System.Globalization;
using Sampan.Linux;
using Sampan.Linux.Cgroups;

namespace Sampan.Runtime.Bundles;

/// <summary>
/// Stands in for the control group of a container that has none: that of a user who may not make any. Its processes are those of its pid namespace;
/// if it shares that of its maker, init alone.
/// </summary>
/// <param name="record">The container.</param>
internal sealed class MissingCgroup(ContainerRecord record) : ICgroup
{
    private const int SIGKILL = 9;

    /// <inheritdoc/>
    public string Path => "";

    /// <inheritdoc/>
    public bool IsFrozen => false;

    /// <inheritdoc/>
    public void Apply(CgroupResources resources) => throw Missing("limit");

    /// <inheritdoc/>
    public CgroupJoin PrepareJoin() => CgroupJoin.None;

    /// <inheritdoc/>
    public CgroupJoin PrepareJoin(IReadOnlyDictionary<string, string> paths) => throw Missing("enter a group below that of");

    /// <inheritdoc/>
    public void AddProcess(int pid) => throw Missing("add a process to");

    /// <inheritdoc/>
    public IReadOnlyList<int> ReadPids()
    {
        using var init = OciRuntime.OpenInit(record);
        if (init is null || NamespaceOf($"{init.Pid}") is not { } own)
            return [];
        if (own == NamespaceOf("self"))
            return [init.Pid];
        var pids = new List<int>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(System.IO.Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && NamespaceOf($"{pid}") == own)
                pids.Add(pid);
        }
        return pids;
    }

    /// <summary>Null if the process is gone, or closed to us: then it is none of this user's.</summary>
    private static string? NamespaceOf(string pid)
    {
        try
        {
            return new FileInfo($"/proc/{pid}/ns/pid").LinkTarget;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Freeze() => throw Missing("freeze");

    /// <inheritdoc/>
    public void Thaw() => throw Missing("thaw");

    /// <summary>With init of a pid namespace the kernel kills everybody in it.</summary>
    public bool KillAll(TimeSpan timeout)
    {
        using var init = OciRuntime.OpenInit(record);
        return init is null || !init.Send(SIGKILL) || init.WaitEnded(timeout);
    }

    /// <inheritdoc/>
    public CgroupStatistics ReadStatistics() => throw Missing("read the statistics of");

    /// <inheritdoc/>
    public long ReadOomKills() => 0;

    /// <inheritdoc/>
    public void Remove()
    {
        // Nothing was made.
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held.
    }

    private static LinuxException Missing(string act) => new($"{act} the container: it has no control group, as it was made by a user who may not make any", Errno.EOPNOTSUPP);
}
