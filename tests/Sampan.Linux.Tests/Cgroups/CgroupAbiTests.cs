using System.Runtime.InteropServices;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Tests.Cgroups;

public sealed unsafe class CgroupAbiTests
{
    [Fact]
    public void Bpf_structures_have_the_kernels_layout()
    {
        sizeof(Sys.bpf_insn).ShouldBe(8);
        sizeof(Sys.bpf_attr_load).ShouldBe(64);
        ((int)Marshal.OffsetOf<Sys.bpf_attr_load>("log_buf")).ShouldBe(32);
        ((int)Marshal.OffsetOf<Sys.bpf_attr_load>("prog_flags")).ShouldBe(44);
        ((int)Marshal.OffsetOf<Sys.bpf_attr_load>("prog_name")).ShouldBe(48);
        sizeof(Sys.bpf_attr_attach).ShouldBe(20);
        sizeof(Sys.bpf_attr_query).ShouldBe(32);
        ((int)Marshal.OffsetOf<Sys.bpf_attr_query>("prog_ids")).ShouldBe(16);
        ((int)Marshal.OffsetOf<Sys.bpf_attr_query>("prog_cnt")).ShouldBe(24);
    }

    [Fact]
    public void Capability_structures_have_the_kernels_layout()
    {
        sizeof(Sys.cap_header).ShouldBe(8);
        sizeof(Sys.cap_data).ShouldBe(12);
    }
}
