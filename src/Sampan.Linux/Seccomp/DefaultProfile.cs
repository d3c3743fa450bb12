namespace Sampan.Linux.Seccomp;

/// <summary>
/// The filter a container gets if the user names none, meant as Docker's: an allow-list; what it leaves out fails with EPERM. It differs from
/// Docker's in two points, both closing ways around its own rules: x32 is not offered, and the address family of a socket is one of a list,
/// also through socketcall (CVE-2026-31431, CVE-2026-123876).
/// </summary>
public static class DefaultProfile
{
    private const int AlgFamily = 38; // AF_ALG; AF_VSOCK is 40

    /// <summary>Families beyond AF_VSOCK that sockets are made of: kcm, qipcrtr, smc, xdp, mctp. What comes later must be looked at first.</summary>
    private static readonly int[] LaterFamilies = [41, 42, 43, 44, 45];

    /// <summary>personality(2): PER_LINUX and PER_LINUX32, each with and without UNAME26, and the question what it is.</summary>
    private static readonly uint[] Personalities = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff];

    /// <summary>CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET: a container makes no namespaces.</summary>
    private const ulong NamespaceFlags = 0x7e020000;

    private const int SocketcallSocket = 1; // SYS_SOCKET of linux/net.h

    /// <summary>Builds the profile. Pure.</summary>
    /// <param name="granted">The container's capabilities (its bounding set): each opens the calls that are of use with it.</param>
    /// <param name="architecture">The machine.</param>
    /// <param name="kernel">The running kernel's version.</param>
    public static SeccompProfile For(CapabilitySet granted, SeccompArchitecture architecture, Version kernel)
    {
        var rules = new List<SeccompRule> { Allow(DefaultCalls.Always) };

        // Before 4.8 ptrace could change a call after the filter had seen it.
        if (kernel >= new Version(4, 8))
            rules.Add(Allow(["ptrace", "process_vm_readv", "process_vm_writev"]));
        if (architecture is SeccompArchitecture.X64 or SeccompArchitecture.X32)
            rules.Add(Allow(["arch_prctl", "modify_ldt"]));
        else if (architecture == SeccompArchitecture.X86)
            rules.Add(Allow(["modify_ldt"]));
        else if (architecture == SeccompArchitecture.Arm64)
            rules.Add(Allow(["arm_fadvise64_64", "arm_sync_file_range", "sync_file_range2", "breakpoint", "cacheflush", "set_tls"]));

        foreach (var (capability, calls) in DefaultCalls.ByCapability)
        {
            if (granted.Contains(capability))
                rules.Add(Allow(calls));
        }

        AddSockets(rules);
        foreach (var personality in Personalities)
            rules.Add(Allow(["personality"], new SeccompCondition(0, SeccompComparison.Equal, personality)));
        if (!granted.Contains(Capability.SysAdmin))
            AddClone(rules);

        return new SeccompProfile
        {
            DefaultAction = SeccompAction.Fail(Errno.EPERM),
            Architectures = architecture == SeccompArchitecture.X64 ? [SeccompArchitecture.X64, SeccompArchitecture.X86] : [architecture],
            Rules = rules,
            Flags = SeccompFlags.SpeculationAllowed,
        };
    }

    private static void AddSockets(List<SeccompRule> rules)
    {
        // The kernel looks at the lower 32 bits of the family, a condition at all 64: "greater than 40" would let 2^32+38 through.
        rules.Add(Allow(["socket"], new SeccompCondition(0, SeccompComparison.Less, AlgFamily)));
        rules.Add(Allow(["socket"], new SeccompCondition(0, SeccompComparison.Equal, AlgFamily + 1)));
        foreach (var family in LaterFamilies)
            rules.Add(Allow(["socket"], new SeccompCondition(0, SeccompComparison.Equal, (ulong)family)));

        // socketcall keeps the family in memory, where a filter cannot look, so it may not make sockets. ENOSYS: libc then takes socket, if
        // it can (i386 has it since Linux 4.3); an i386 libc that cannot has no network.
        rules.Add(new SeccompRule
        {
            Names = ["socketcall"],
            Action = SeccompAction.Fail(Errno.ENOSYS),
            Conditions = [new SeccompCondition(0, SeccompComparison.MaskedEqual, SocketcallSocket, uint.MaxValue)],
        });
        rules.Add(Allow(["socketcall"]));
    }

    private static void AddClone(List<SeccompRule> rules)
    {
        rules.Add(Allow(["clone"], new SeccompCondition(0, SeccompComparison.MaskedEqual, 0, NamespaceFlags)));

        // clone3 keeps its flags in memory; told that there is none, libc takes clone.
        rules.Add(new SeccompRule { Names = ["clone3"], Action = SeccompAction.Fail(Errno.ENOSYS) });
    }

    private static SeccompRule Allow(IReadOnlyList<string> calls, params IReadOnlyList<SeccompCondition> conditions) =>
        new() { Names = calls, Action = SeccompAction.Allow, Conditions = conditions };
}
