using Sampan.Linux;
using Sampan.Linux.Seccomp;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Filters;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Tests.Filters;

public sealed class FilterTests
{
    private static readonly Version Kernel = new(6, 1);

    private static SeccompProfile Convert(params Oci.Runtime.SeccompRule[] rules) =>
        SeccompConversion.FromSpecification(new Oci.Runtime.Seccomp { DefaultAction = "SCMP_ACT_ERRNO", Syscalls = rules });

    [Fact]
    public void Documents_become_profiles()
    {
        var profile = SeccompConversion.FromSpecification(new Oci.Runtime.Seccomp
        {
            DefaultAction = "SCMP_ACT_ERRNO",
            DefaultErrnoRet = 38,
            Architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_MIPS"],
            Flags = ["SECCOMP_FILTER_FLAG_LOG"],
            Syscalls = [new Oci.Runtime.SeccompRule { Names = ["clone"], Action = "SCMP_ACT_ALLOW", Args = [new SeccompArgument { Index = 0, Value = 0x7e020000, ValueTwo = 0, Op = "SCMP_CMP_MASKED_EQ" }] }],
        });
        profile.DefaultAction.ShouldBe(SeccompAction.Fail(Errno.ENOSYS));
        profile.Architectures.ShouldBe([SeccompArchitecture.X64, SeccompArchitecture.X86]);
        profile.Flags.ShouldBe(SeccompFlags.Log);
        profile.Rules.ShouldHaveSingleItem().Conditions.ShouldBe([new SeccompCondition(0, SeccompComparison.MaskedEqual, 0, 0x7e020000)]);
    }

    [Fact]
    public void Conditions_on_one_argument_are_alternatives_as_with_runc()
    {
        var rules = Convert(new Oci.Runtime.SeccompRule
        {
            Names = ["socket"],
            Action = "SCMP_ACT_ALLOW",
            Args = [new SeccompArgument { Index = 0, Value = 1, Op = "SCMP_CMP_EQ" }, new SeccompArgument { Index = 0, Value = 2, Op = "SCMP_CMP_EQ" }],
        }).Rules;
        rules.Count.ShouldBe(2);
        rules.ShouldAllBe(rule => rule.Conditions.Count == 1);
    }

    [Theory]
    [InlineData("SCMP_ACT_DANCE", "SCMP_ACT_DANCE")]
    [InlineData("SCMP_ACT_NOTIFY", "linux.seccomp.listenerPath is missing")]
    [InlineData("", "not known")]
    public void Unknown_actions_are_refused(string action, string why) =>
        Should.Throw<RuntimeException>(() => Convert(new Oci.Runtime.SeccompRule { Names = ["read"], Action = action })).Message.ShouldContain(why);

    [Fact]
    public void What_would_be_ignored_is_refused()
    {
        Should.Throw<RuntimeException>(() => Convert(new Oci.Runtime.SeccompRule { Names = ["read"], Action = "SCMP_ACT_ALLOW", ErrnoRet = 5 }));
        Should.Throw<RuntimeException>(() => Convert(new Oci.Runtime.SeccompRule { Names = [], Action = "SCMP_ACT_ALLOW" }));
        Should.Throw<RuntimeException>(() => Convert(new Oci.Runtime.SeccompRule { Names = ["read"], Action = "SCMP_ACT_KILL", Args = [new SeccompArgument { Op = "SCMP_CMP_ALMOST" }] }));
        Should.Throw<RuntimeException>(() => SeccompFilter.Compile(new Oci.Runtime.Seccomp { DefaultAction = "SCMP_ACT_NOTIFY", ListenerPath = "/run/x.sock" }));
        Should.Throw<RuntimeException>(() => SeccompFilter.Compile(new Oci.Runtime.Seccomp { DefaultAction = "SCMP_ACT_ALLOW", Flags = ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"] }));
        Should.Throw<RuntimeException>(() => SeccompFilter.Compile(new Oci.Runtime.Seccomp { DefaultAction = "SCMP_ACT_ALLOW", Flags = ["SECCOMP_FILTER_FLAG_BOGUS"] }));
    }

    private const string Profile = """
        { "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1,
          "archMap": [ { "architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"] }, { "architecture": "SCMP_ARCH_S390X", "subArchitectures": null } ],
          "syscalls": [
            { "names": ["read", "write"], "action": "SCMP_ACT_ALLOW", "args": null, "comment": "always" },
            { "names": ["mount"], "action": "SCMP_ACT_ALLOW", "includes": { "caps": ["CAP_SYS_ADMIN"] } },
            { "names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38, "excludes": { "caps": ["CAP_SYS_ADMIN"] } },
            { "names": ["ptrace"], "action": "SCMP_ACT_ALLOW", "includes": { "minKernel": "4.8" } },
            { "names": ["modify_ldt"], "action": "SCMP_ACT_ALLOW", "includes": { "arches": ["amd64"] } },
            { "name": "sync", "action": "SCMP_ACT_ALLOW" } ] }
        """;

    [Fact]
    public void Dockers_files_depend_on_capabilities_machine_and_kernel()
    {
        string Names(CapabilitySet granted, SeccompArchitecture native, Version kernel) =>
            string.Join(' ', DockerProfile.Parse(Profile).ToSpecification(granted, native, kernel).Syscalls.SelectMany(rule => rule.Names));

        Names(CapabilitySet.None, SeccompArchitecture.X64, Kernel).ShouldBe("read write clone3 ptrace modify_ldt sync");
        Names(CapabilitySet.Of(Capability.SysAdmin), SeccompArchitecture.X64, Kernel).ShouldBe("read write mount ptrace modify_ldt sync");
        Names(CapabilitySet.None, SeccompArchitecture.Arm64, new Version(4, 4)).ShouldBe("read write clone3 sync");
        DockerProfile.Parse(Profile).ToSpecification(CapabilitySet.None, SeccompArchitecture.X64, Kernel).Architectures.ShouldBe(["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]);
        SeccompFilter.ForProfile(Profile, CapabilitySet.None).ShouldNotBeNull();
        SeccompFilter.ForProfile("default", CapabilitySet.All).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": "read", "action": "SCMP_ACT_ERRNO"}]}""")]
    [InlineData("""{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86"], "archMap": [{"architecture": "SCMP_ARCH_X86_64"}]}""")]
    [InlineData("""{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"name": "read", "names": ["write"], "action": "SCMP_ACT_ERRNO"}]}""")]
    [InlineData("""{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ERRNO", "includes": {"minKernel": "soon"}}]}""")]
    public void Unsound_files_are_refused(string json) =>
        Should.Throw<RuntimeException>(() => SeccompFilter.ForProfile(json, CapabilitySet.None)).Step.ShouldBe("filter");
}
