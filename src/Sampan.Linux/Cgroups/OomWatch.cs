using System.Globalization;
using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Cgroups;

/// <summary>
/// Hears when a group runs out of memory. On v1 an eventfd is registered (Documentation/admin-guide/cgroup-v1/memory.rst, 10. OOM Control), on v2 the
/// kernel wakes pollers of <c>memory.events</c>.
/// </summary>
public sealed class OomWatch : IDisposable
{
    private readonly string _directory;
    private readonly SafeFd? _control;
    private ulong _known;

    private OomWatch(string directory, SafeFd descriptor, SafeFd? control)
    {
        _directory = directory;
        Descriptor = descriptor;
        _control = control;
        _known = control is null ? ReadKills() : 0;
    }

    /// <summary>Gets ready for <see cref="Events"/> when there is something to <see cref="Take"/>.</summary>
    public SafeFd Descriptor { get; }

    /// <summary>What to watch the descriptor for.</summary>
    public PollEvents Events => _control is null ? PollEvents.Priority : PollEvents.Input;

    /// <summary>Begins to listen.</summary>
    /// <param name="host">The control groups of this machine.</param>
    /// <param name="path">Absolute path of the group.</param>
    /// <returns>Null if there is no memory controller.</returns>
    /// <exception cref="LinuxException">The group is gone (ENOENT), or the kernel refused.</exception>
    public static OomWatch? Open(CgroupHost host, string path)
    {
        ArgumentNullException.ThrowIfNull(host);
        path = CgroupPath.Normalize(path);
        return host.Layout.Find("memory") is { } memory ? OpenV1(memory.MountPoint + path)
            : host.Layout is { Mode: CgroupMode.V2, UnifiedMountPoint: { } unified } ? OpenV2(unified + path) : null;
    }

    private static OomWatch OpenV1(string directory)
    {
        var control = HostFile.Open(directory + "/memory.oom_control", OpenFlags.ReadOnly);
        SafeFd? events = null;
        try
        {
            events = new SafeFd(Sys.Check(Sys.eventfd(0, Sys.EFD_CLOEXEC | Sys.EFD_NONBLOCK), "make an event counter"));
            CgroupFiles.Write(directory, "cgroup.event_control", string.Create(CultureInfo.InvariantCulture, $"{events.Number} {control.Number}"));
            return new OomWatch(directory, events, control);
        }
        catch
        {
            events?.Dispose();
            control.Dispose();
            throw;
        }
    }

    private static OomWatch? OpenV2(string directory)
    {
        try
        {
            return new OomWatch(directory, HostFile.Open(directory + "/memory.events", OpenFlags.ReadOnly), control: null);
        }
        catch (LinuxException failure) when (failure.Errno == Errno.ENOENT && CgroupTree.Exists(directory))
        {
            return null;
        }
    }

    /// <summary>Takes what happened since the last time.</summary>
    /// <returns>False if it was something else: v1 wakes us, too, when the group is removed.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public bool Take()
    {
        if (_control is not null)
        {
            Span<byte> counter = stackalloc byte[8];
            return ByteChannel.Read(Descriptor, counter) > 0 && CgroupTree.Exists(_directory);
        }
        var kills = ReadKills();
        var isNew = kills > _known;
        _known = kills;
        return isNew;
    }

    private ulong ReadKills() => CgroupFiles.ReadKeyed(_directory, "memory.events").GetValueOrDefault("oom_kill");

    /// <summary>Stops listening.</summary>
    public void Dispose()
    {
        Descriptor.Dispose();
        _control?.Dispose();
    }
}
