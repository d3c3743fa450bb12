using Sampan.Linux.Seccomp;
using Sampan.Linux.Seccomp.Tables;

namespace Sampan.Linux.Tests.Seccomp;

public sealed class DefaultProfileTests
{
    private const uint X64 = 0xc000003e, X86 = 0x40000003, Arm64 = 0xc00000b7;

    private static readonly Version Kernel = new(6, 1);
    private static readonly SeccompAction Denied = SeccompAction.Fail(Errno.EPERM), Absent = SeccompAction.Fail(Errno.ENOSYS);

    /// <summary>What Docker grants if nothing is said.</summary>
    private static readonly CapabilitySet Usual = CapabilitySet.Of(
        Capability.Chown, Capability.DacOverride, Capability.Fsetid, Capability.Fowner, Capability.Mknod, Capability.NetRaw, Capability.Setgid,
        Capability.Setuid, Capability.Setfcap, Capability.Setpcap, Capability.NetBindService, Capability.SysChroot, Capability.Kill, Capability.AuditWrite);

    private static SeccompAction Run(CapabilitySet granted, uint audit, int number, params ReadOnlySpan<ulong> arguments)
    {
        number.ShouldBeGreaterThanOrEqualTo(0);
        var native = audit == Arm64 ? SeccompArchitecture.Arm64 : SeccompArchitecture.X64;
        return BpfInterpreter.Run(SeccompProgram.Compile(DefaultProfile.For(granted, native, Kernel), native).Instructions, audit, (uint)number, arguments);
    }

    private static SeccompAction Run(uint audit, int number, params ReadOnlySpan<ulong> arguments) => Run(Usual, audit, number, arguments);

    [Theory]
    [InlineData("read")]
    [InlineData("execve")]
    [InlineData("chroot")]
    [InlineData("ptrace")]
    [InlineData("arch_prctl")]
    [InlineData("modify_ldt")]
    [InlineData("socketpair")]
    public void Usual_calls_are_allowed(string name) => Run(X64, X64Calls.Find(name)).ShouldBe(SeccompAction.Allow);

    [Theory]
    [InlineData("mount")]
    [InlineData("umount2")]
    [InlineData("unshare")]
    [InlineData("setns")]
    [InlineData("bpf")]
    [InlineData("kexec_load")]
    [InlineData("init_module")]
    [InlineData("keyctl")]
    [InlineData("add_key")]
    [InlineData("userfaultfd")]
    [InlineData("open_by_handle_at")]
    [InlineData("io_uring_setup")]
    [InlineData("pivot_root")]
    [InlineData("swapon")]
    [InlineData("reboot")]
    [InlineData("open_tree")]
    [InlineData("fsopen")]
    public void Dangerous_calls_fail_on_every_interface(string name)
    {
        Run(X64, X64Calls.Find(name)).ShouldBe(Denied);
        Run(X86, X86Calls.Find(name)).ShouldBe(Denied);
        Run(Arm64, Arm64Calls.Find(name)).ShouldBe(Denied);
    }

    [Theory]
    [InlineData(Capability.SysAdmin, "mount")]
    [InlineData(Capability.SysAdmin, "clone3")]
    [InlineData(Capability.SysBoot, "reboot")]
    [InlineData(Capability.SysModule, "init_module")]
    [InlineData(Capability.SysTime, "clock_settime")]
    [InlineData(Capability.Syslog, "syslog")]
    [InlineData(Capability.Bpf, "bpf")]
    [InlineData(Capability.Perfmon, "perf_event_open")]
    [InlineData(Capability.DacReadSearch, "open_by_handle_at")]
    [InlineData(Capability.SysPtrace, "pidfd_getfd")]
    [InlineData(Capability.SysNice, "mbind")]
    public void A_capability_opens_its_calls(Capability capability, string name)
    {
        Run(X64, X64Calls.Find(name)).ShouldNotBe(SeccompAction.Allow);
        Run(Usual.With(capability), X64, X64Calls.Find(name)).ShouldBe(SeccompAction.Allow);
    }

    [Fact]
    public void Clone_makes_no_namespace_and_clone3_is_not_there()
    {
        var clone = X64Calls.Find("clone");
        Run(X64, clone, 0x1200011).ShouldBe(SeccompAction.Allow); // fork
        Run(X64, clone, 0x3d0f00).ShouldBe(SeccompAction.Allow); // pthread_create
        foreach (var flag in (ulong[])[0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000])
        {
            Run(X64, clone, flag | 17).ShouldBe(Denied);
            Run(X86, X86Calls.Find("clone"), flag | 17).ShouldBe(Denied);
            Run(Arm64, Arm64Calls.Find("clone"), flag | 17).ShouldBe(Denied);
            Run(Usual.With(Capability.SysAdmin), X64, clone, flag | 17).ShouldBe(SeccompAction.Allow);
        }

        Run(X64, X64Calls.Find("clone3")).ShouldBe(Absent);
        Run(X86, X86Calls.Find("clone3")).ShouldBe(Absent);
    }

    [Fact]
    public void Only_harmless_personalities()
    {
        var personality = X64Calls.Find("personality");
        foreach (var allowed in (ulong[])[0, 8, 0x20000, 0x20008, 0xffffffff])
            Run(X64, personality, allowed).ShouldBe(SeccompAction.Allow);
        foreach (var denied in (ulong[])[0x40000 /* ADDR_NO_RANDOMIZE */, 0x400000 /* READ_IMPLIES_EXEC */, 1, 0x1_0000_0000, ulong.MaxValue])
            Run(X64, personality, denied).ShouldBe(Denied);
    }

    // The kernel takes the lower 32 bits of the family; a family must not come in under another guise on any interface.
    [Fact]
    public void CVE_2026_123876_no_way_to_a_denied_socket_family()
    {
        ulong[] high = [0, 1UL << 32, 0xffffffffUL << 32, 1UL << 63];
        (uint Audit, int Number)[] ways =
        [
            (X64, X64Calls.Find("socket")), (X86, X86Calls.Find("socket")), (Arm64, Arm64Calls.Find("socket")), (X64, X32Calls.Find("socket")),
        ];
        foreach (var (audit, number) in ways)
        {
            foreach (var bits in high)
            {
                Run(audit, number, 38 | bits).ShouldNotBe(SeccompAction.Allow);
                Run(audit, number, 40 | bits).ShouldNotBe(SeccompAction.Allow);
                Run(audit, number, 46 | bits).ShouldNotBe(SeccompAction.Allow);
            }
        }

        foreach (var family in (ulong[])[1, 2, 10, 16, 17, 37, 39, 41, 44, 45])
        {
            Run(X64, X64Calls.Find("socket"), family).ShouldBe(SeccompAction.Allow);
            Run(X86, X86Calls.Find("socket"), family).ShouldBe(SeccompAction.Allow);
        }

        // socketcall(SYS_SOCKET, ...) hides the family in memory; the other calls through it work on sockets that are there.
        Run(X86, X86Calls.Find("socketcall"), 1).ShouldBe(Absent);
        Run(X86, X86Calls.Find("socketcall"), 1 | (1UL << 32)).ShouldBe(Absent);
        for (ulong call = 2; call <= 20; call++)
            Run(X86, X86Calls.Find("socketcall"), call).ShouldBe(SeccompAction.Allow);
    }

    [Fact]
    public void Every_number_of_every_interface_means_what_the_profile_says()
    {
        foreach (var granted in (CapabilitySet[])[CapabilitySet.None, Usual, Usual.With(Capability.SysAdmin), CapabilitySet.All])
        {
            foreach (var native in (SeccompArchitecture[])[SeccompArchitecture.X64, SeccompArchitecture.Arm64])
            {
                var profile = DefaultProfile.For(granted, native, Kernel);
                var program = SeccompProgram.Compile(profile, native).Instructions;
                BpfInterpreter.Check(program);
                foreach (var audit in (uint[])[X64, X86, Arm64, 0x40000028, 0])
                {
                    for (uint number = 0; number < 600; number++)
                    {
                        foreach (var first in (ulong[])[0, 1, 38, 0x10000000, 0x1_0000_0026])
                        {
                            BpfInterpreter.Run(program, audit, number, first).ShouldBe(NaiveEvaluator.Evaluate(profile, native, audit, number, first));
                            BpfInterpreter.Run(program, audit, number | 0x40000000, first).ShouldBe(NaiveEvaluator.Evaluate(profile, native, audit, number | 0x40000000, first));
                        }
                    }
                }
            }
        }
    }

    [Fact]
    public void X32_is_not_offered()
    {
        for (var number = 0x40000000; number < 0x40000000 + 600; number++)
            Run(CapabilitySet.All, X64, number).ShouldBe(Absent);
    }

    [Fact]
    public void Old_kernels_do_not_trace() =>
        BpfInterpreter.Run(SeccompProgram.Compile(DefaultProfile.For(Usual, SeccompArchitecture.X64, new Version(4, 4)), SeccompArchitecture.X64).Instructions, X64, (uint)X64Calls.Find("ptrace")).ShouldBe(Denied);

    [Fact]
    public void Is_short()
    {
        var program = SeccompProgram.Compile(DefaultProfile.For(Usual, SeccompArchitecture.X64, Kernel), SeccompArchitecture.X64);
        TestContext.Current.TestOutputHelper?.WriteLine($"{program.Instructions.Count} instructions");
        program.Instructions.Count.ShouldBeLessThan(400);
    }
}
