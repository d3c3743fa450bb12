using Sampan.Linux.Bpf;
using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Cgroups.V2;

/// <summary>Attaches device programs to v2 groups; needs CAP_BPF and CAP_NET_ADMIN or CAP_SYS_ADMIN.</summary>
internal static unsafe class DeviceFilter
{
    private const int MaxAttached = 64;

    /// <summary>Makes <paramref name="rules"/> the rules of a group: the new program is attached before the old ones go, so there is no moment without.</summary>
    internal static void Attach(string directory, IReadOnlyList<DeviceRule> rules)
    {
        using var group = new SafeFd(Sys.Check(Sys.openat(Sys.AT_FDCWD, directory, OpenFlags.ReadOnly | OpenFlags.Directory), "open control group", directory));
        var old = Attached(group, directory);
        using var program = BpfProgram.Load(Sys.BPF_PROG_TYPE_CGROUP_DEVICE, DeviceProgram.Compile(rules), "device filter for control group", directory);
        var attach = new Sys.bpf_attr_attach
        {
            target_fd = (uint)group.Number,
            attach_bpf_fd = (uint)program.Number,
            attach_type = Sys.BPF_CGROUP_DEVICE,
            attach_flags = Sys.BPF_F_ALLOW_MULTI,
        };
        Sys.Check(Sys.bpf(Sys.BPF_PROG_ATTACH, &attach, sizeof(Sys.bpf_attr_attach)), "attach device filter to control group", directory);
        foreach (var id in old)
            Detach(group, id, directory);
    }

    /// <summary>Ids of the device programs attached to the group itself.</summary>
    internal static IReadOnlyList<uint> Attached(SafeFd group, string directory)
    {
        var ids = new uint[MaxAttached];
        fixed (uint* start = ids)
        {
            var query = new Sys.bpf_attr_query { target_fd = (uint)group.Number, attach_type = Sys.BPF_CGROUP_DEVICE, prog_ids = (ulong)start, prog_cnt = MaxAttached };
            Sys.Check(Sys.bpf(Sys.BPF_PROG_QUERY, &query, sizeof(Sys.bpf_attr_query)), "list device filters of control group", directory);
            return ids[..(int)query.prog_cnt];
        }
    }

    private static void Detach(SafeFd group, uint id, string directory)
    {
        uint open = id;
        var number = Sys.bpf(Sys.BPF_PROG_GET_FD_BY_ID, &open, sizeof(uint));
        if (number < 0 && Sys.LastErrno == Errno.ENOENT)
            return;
        using var program = new SafeFd(Sys.Check(number, "open device filter of control group", directory));
        var detach = new Sys.bpf_attr_attach { target_fd = (uint)group.Number, attach_bpf_fd = (uint)program.Number, attach_type = Sys.BPF_CGROUP_DEVICE };
        Sys.Check(Sys.bpf(Sys.BPF_PROG_DETACH, &detach, sizeof(Sys.bpf_attr_attach)), "detach device filter from control group", directory);
    }
}
