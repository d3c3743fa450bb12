using System.Runtime.InteropServices;
using Sampan.Oci.Runtime;
using Filter = Sampan.Oci.Runtime.Seccomp;

namespace Sampan.Kernel.Tests.Runtime;

/// <summary>A filter holds for every interface of the kernel: the native one, i386's by int 0x80 with its socketcall, and x32 numbers (CVE-2026-123876).</summary>
public sealed class SyscallInterfaceTests
{
    /// <summary>What is tried: arguments of the attack, and whether it works where nothing forbids it (x32 is absent from most kernels).</summary>
    private static readonly (string Attack, bool WorksUnfiltered)[] s_attacks =
    [
        ("call native 41 40 1 0", true),   // socket(AF_VSOCK)
        ("call int80 359 40 1 0", true),
        ("socketcall 40 1 0", true),
        ("call x32 41 40 1 0", false),
        ("call native 41 38 5 0", true),   // socket(AF_ALG)
        ("call int80 359 38 5 0", true),
        ("socketcall 38 5 0", true),
        ("call native 272 0x10000000", true), // unshare(CLONE_NEWUSER)
        ("call int80 310 0x10000000", true),
        ("call x32 272 0x10000000", false),
        ("call native 250 0 -3 0", true),  // keyctl(KEYCTL_GET_KEYRING_ID, session)
        ("call int80 288 0 -3 0", true),
        ("call x32 250 0 -3 0", false),
    ];

    private static void RequireX64() =>
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "the other interfaces are x86-64's");

    private static async Task<string[]> AttackAsync(string? profile, Filter? filter, IEnumerable<string> attacks)
    {
        // A pause of fork and exec between them: each attack has its own process, as unshare changes it.
        await using var container = new TestContainer(
            spec => spec with { Linux = spec.Linux! with { Seccomp = filter } },
            "sh", "-c", string.Join("; ", attacks.Select(attack => $"/bin/attacks {attack} 2>/dev/null || echo killed")));
        AttackProgram.PutInto(container.Image);
        container.Launch = container.Launch with { SeccompProfile = profile };
        return (await container.RunAsync()).Output.TrimEnd('\n').Split('\n');
    }

    [Fact]
    public async Task CVE_2026_123876_what_the_default_filter_denies_is_denied_by_every_interface()
    {
        RequireX64();
        var attacks = s_attacks.Select(one => one.Attack).ToArray();
        var unfiltered = await AttackAsync(null, null, attacks);
        var filtered = await AttackAsync("default", null, attacks);
        for (var i = 0; i < s_attacks.Length; i++)
        {
            var (attack, works) = s_attacks[i];
            if (works && IsPossible(attack))
                int.Parse(unfiltered[i]).ShouldBeGreaterThanOrEqualTo(0, $"the control of '{attack}'");
            // EPERM or ENOSYS: programs fall back from the latter.
            filtered[i].ShouldBeOneOf(works ? ["-1", "-38"] : ["-1", "-38", "killed"]);
        }
    }

    /// <summary>Whether this kernel has it at all: some are built without.</summary>
    private static bool IsPossible(string attack) => int.Parse(AttackProgram.RunOnHost(attack.Split(' '))) >= 0;

    [Fact]
    public async Task CVE_2026_123876_a_filter_for_one_interface_leaves_the_others_no_way_around()
    {
        RequireX64();
        string[] attacks = ["call native 83 0", "call int80 39 0", "call x32 83 0"]; // mkdir(NULL): EFAULT where it gets through
        var denied = new Filter
        {
            DefaultAction = "SCMP_ACT_ALLOW",
            Architectures = ["SCMP_ARCH_X86_64"],
            Syscalls = [new SeccompRule { Names = ["mkdir"], Action = "SCMP_ACT_ERRNO" }],
        };
        (await AttackAsync(null, null, attacks)).ShouldBe(["-14", "-14", "-38"]);
        var filtered = await AttackAsync(null, denied, attacks);
        filtered[0].ShouldBe("-1");
        filtered[1].ShouldBeOneOf("killed", "-1", "-38");
        filtered[2].ShouldBeOneOf("killed", "-1", "-38");
    }

    [Trait("guest", "long")]
    [Fact]
    public async Task A_filter_for_all_interfaces_holds_in_each()
    {
        RequireX64();
        var denied = new Filter
        {
            DefaultAction = "SCMP_ACT_ALLOW",
            Architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
            Syscalls = [new SeccompRule { Names = ["mkdir"], Action = "SCMP_ACT_ERRNO", ErrnoRet = 95 }],
        };
        (await AttackAsync(null, denied, ["call native 83 0", "call int80 39 0", "call x32 83 0"])).ShouldBe(["-95", "-95", "-95"]);
    }
}
