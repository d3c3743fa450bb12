using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Sampan.Linux.Syscalls;

/// <summary>linux/bpf.h, as far as device filters of cgroup v2 and filters of bridges' ports need it.</summary>
internal static unsafe partial class Sys
{
    internal const int BPF_MAP_CREATE = 0;
    internal const int BPF_MAP_LOOKUP_ELEM = 1;
    internal const int BPF_MAP_UPDATE_ELEM = 2;
    internal const int BPF_MAP_DELETE_ELEM = 3;
    internal const int BPF_PROG_LOAD = 5;
    internal const int BPF_PROG_ATTACH = 8;
    internal const int BPF_PROG_DETACH = 9;
    internal const int BPF_PROG_GET_FD_BY_ID = 13;
    internal const int BPF_PROG_QUERY = 16;
    internal const uint BPF_MAP_TYPE_HASH = 1;
    internal const uint BPF_F_NO_PREALLOC = 1;
    internal const uint BPF_PROG_TYPE_SCHED_CLS = 3;
    internal const uint BPF_PROG_TYPE_CGROUP_DEVICE = 15;
    internal const uint BPF_CGROUP_DEVICE = 6;
    internal const uint BPF_F_ALLOW_MULTI = 2;

    /// <summary>struct bpf_insn.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal readonly record struct bpf_insn(byte code, byte registers, short off, int imm);

    /// <summary>A name of a program or a table, which <c>bpftool</c> shows: letters, digits, '_' and '.', a null byte at the end.</summary>
    [InlineArray(16)]
    internal struct bpf_name
    {
        private byte _first;

        internal static bpf_name Of(string text)
        {
            var name = new bpf_name();
            Encoding.ASCII.GetBytes(text, ((Span<byte>)name)[..^1]);
            return name;
        }
    }

    /// <summary>union bpf_attr for BPF_MAP_CREATE, up to map_name.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct bpf_attr_map
    {
        internal uint map_type;
        internal uint key_size;
        internal uint value_size;
        internal uint max_entries;
        internal uint map_flags;
        internal uint inner_map_fd;
        internal uint numa_node;
        internal bpf_name map_name;
    }

    /// <summary>union bpf_attr for the commands of a map's elements.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct bpf_attr_element
    {
        internal uint map_fd;
        internal uint padding;
        internal ulong key;
        internal ulong value;
        internal ulong flags;
    }

    /// <summary>union bpf_attr for BPF_PROG_LOAD, up to prog_name.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct bpf_attr_load
    {
        internal uint prog_type;
        internal uint insn_cnt;
        internal ulong insns;
        internal ulong license;
        internal uint log_level;
        internal uint log_size;
        internal ulong log_buf;
        internal uint kern_version;
        internal uint prog_flags;
        internal bpf_name prog_name;
    }

    /// <summary>union bpf_attr for BPF_PROG_ATTACH and BPF_PROG_DETACH.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct bpf_attr_attach
    {
        internal uint target_fd;
        internal uint attach_bpf_fd;
        internal uint attach_type;
        internal uint attach_flags;
        internal uint replace_bpf_fd;
    }

    /// <summary>union bpf_attr for BPF_PROG_QUERY.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct bpf_attr_query
    {
        internal uint target_fd;
        internal uint attach_type;
        internal uint query_flags;
        internal uint attach_flags;
        internal ulong prog_ids;
        internal uint prog_cnt;
        internal uint padding;
    }

    private static readonly long s_bpf = Number(321, 280);

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true)]
    private static partial long syscall_bpf(long number, nint command, void* attributes, nuint size);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/bpf.2.html">bpf(2)</see></summary>
    internal static int bpf(int command, void* attributes, int size) => (int)syscall_bpf(s_bpf, command, attributes, (nuint)size);
}
