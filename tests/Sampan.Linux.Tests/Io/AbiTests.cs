using System.Runtime.InteropServices;
using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Tests.Io;

/// <summary>What is declared must be what the kernel has; sizes are the same on x64 and arm64 unless a test says otherwise.</summary>
public sealed unsafe class AbiTests
{
    [Fact]
    public void Open_how_is_three_words() => sizeof(Sys.open_how).ShouldBe(24);

    [Fact]
    public void Statx_has_the_kernels_layout()
    {
        sizeof(Sys.statx_timestamp).ShouldBe(16);
        sizeof(Sys.statx_t).ShouldBe(256);
        ((int)Marshal.OffsetOf<Sys.statx_t>("stx_mtime")).ShouldBe(112);
        ((int)Marshal.OffsetOf<Sys.statx_t>("stx_mnt_id")).ShouldBe(144);
    }

    [Theory]
    [InlineData(Architecture.X64, 0x10000 | 0x20000)]
    [InlineData(Architecture.Arm64, 0x4000 | 0x8000)]
    public void Open_flags_differ_by_processor(Architecture architecture, int expected) =>
        OpenFlagsAbi.ToKernel(OpenFlags.Directory | OpenFlags.NoFollow, architecture).ShouldBe(expected);

    [Theory]
    [InlineData(1u, 3u, 0x103ul)]
    [InlineData(8u, 256u, 0x100800ul)]
    [InlineData(4096u, 1u, 0x1000_0000_0001ul)]
    public void Device_numbers_are_encoded_as_libc_does(uint major, uint minor, ulong expected) =>
        Sys.makedev(major, minor).ShouldBe(expected);
}
