using Sampan.Linux.Seccomp;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Tests.Seccomp;

public sealed unsafe class SeccompCompilerTests
{
    private const uint X64 = 0xc000003e, X86 = 0x40000003, Arm64 = 0xc00000b7;

    private static SeccompAction Run(SeccompProfile profile, uint audit, uint number, params ReadOnlySpan<ulong> arguments) =>
        BpfInterpreter.Run(SeccompProgram.Compile(profile, SeccompArchitecture.X64).Instructions, audit, number, arguments);

    private static SeccompRule Rule(string name, SeccompAction action, params SeccompCondition[] conditions) =>
        new() { Names = [name], Action = action, Conditions = conditions };

    [Fact]
    public void Structures_have_the_kernels_layout()
    {
        sizeof(SeccompInstruction).ShouldBe(8);
        sizeof(Sys.sock_fprog).ShouldBe(16);
    }

    [Fact]
    public void Foreign_architectures_are_killed_and_x32_is_not_there()
    {
        var profile = new SeccompProfile { DefaultAction = SeccompAction.Allow };
        Run(profile, X64, 0).ShouldBe(SeccompAction.Allow);
        Run(profile, X86, 0).ShouldBe(SeccompAction.KillProcess);
        Run(profile, Arm64, 0).ShouldBe(SeccompAction.KillProcess);
        Run(profile, 0, 0).ShouldBe(SeccompAction.KillProcess);
        Run(profile, X64, 0x40000000).ShouldBe(SeccompAction.Fail(Errno.ENOSYS));
        Run(profile, X64, 0xffffffff).ShouldBe(SeccompAction.Fail(Errno.ENOSYS));
    }

    [Fact]
    public void Names_mean_other_numbers_on_other_interfaces()
    {
        var profile = new SeccompProfile
        {
            DefaultAction = SeccompAction.Allow,
            Architectures = [SeccompArchitecture.X86, SeccompArchitecture.X32],
            Rules = [Rule("execve", SeccompAction.KillThread)],
        };
        Run(profile, X64, 59).ShouldBe(SeccompAction.KillThread);
        Run(profile, X64, 11).ShouldBe(SeccompAction.Allow);
        Run(profile, X86, 11).ShouldBe(SeccompAction.KillThread);
        Run(profile, X86, 59).ShouldBe(SeccompAction.Allow);
        Run(profile, X64, 0x40000000 + 520).ShouldBe(SeccompAction.KillThread);
        Run(profile, X64, 0x40000000 + 59).ShouldBe(SeccompAction.Allow);
    }

    [Fact]
    public void Calls_newer_than_the_profile_are_not_there()
    {
        var deny = new SeccompProfile { DefaultAction = SeccompAction.Fail(Errno.EPERM), Rules = [Rule("openat2", SeccompAction.Allow)] };
        Run(deny, X64, 437).ShouldBe(SeccompAction.Allow);
        Run(deny, X64, 436).ShouldBe(SeccompAction.Fail(Errno.EPERM));
        Run(deny, X64, 438).ShouldBe(SeccompAction.Fail(Errno.ENOSYS));
        var log = deny with { DefaultAction = SeccompAction.Log };
        Run(log, X64, 438).ShouldBe(SeccompAction.Log);
    }

    [Fact]
    public void Conditions_go_before_the_rule_without()
    {
        var profile = new SeccompProfile
        {
            DefaultAction = SeccompAction.Fail(Errno.EPERM),
            Rules =
            [
                Rule("ioctl", SeccompAction.Allow),
                Rule("ioctl", SeccompAction.Fail(Errno.ENOTTY), new SeccompCondition(1, SeccompComparison.Equal, 0x5412)),
                Rule("ioctl", SeccompAction.KillProcess),
            ],
        };
        Run(profile, X64, 16, 0, 0x5412).ShouldBe(SeccompAction.Fail(Errno.ENOTTY));
        Run(profile, X64, 16, 0, 0x5413).ShouldBe(SeccompAction.Allow);
        Run(profile, X64, 16, 0, 0x1_0000_5412).ShouldBe(SeccompAction.Allow);
    }

    [Fact]
    public void A_mask_that_hides_wanted_bits_never_holds()
    {
        var profile = new SeccompProfile { DefaultAction = SeccompAction.Allow, Rules = [Rule("read", SeccompAction.KillThread, new SeccompCondition(0, SeccompComparison.MaskedEqual, 3, 1))] };
        Run(profile, X64, 0, 3).ShouldBe(SeccompAction.Allow);
        Run(profile, X64, 0, 1).ShouldBe(SeccompAction.Allow);
    }

    [Fact]
    public void What_cannot_be_is_refused()
    {
        var sixth = new SeccompProfile { DefaultAction = SeccompAction.Allow, Rules = [Rule("read", SeccompAction.Trap, new SeccompCondition(6, SeccompComparison.Equal, 0))] };
        Should.Throw<LinuxException>(() => SeccompProgram.Compile(sixth)).Errno.ShouldBe(Errno.EINVAL);

        var endless = new SeccompProfile
        {
            DefaultAction = SeccompAction.Allow,
            Rules = [.. Enumerable.Range(0, 3000).Select(i => Rule("read", SeccompAction.Trap, new SeccompCondition(i % 6, SeccompComparison.Equal, (ulong)i << 20)))],
        };
        Should.Throw<LinuxException>(() => SeccompProgram.Compile(endless)).Errno.ShouldBe(Errno.E2BIG);
    }

    [Theory]
    [InlineData(SeccompArchitecture.X64)]
    [InlineData(SeccompArchitecture.Arm64)]
    public void Random_profiles_mean_what_they_say(SeccompArchitecture native)
    {
        var random = new Random(4711);
        for (var round = 0; round < 400; round++)
        {
            var profile = RandomProfile(random);
            var program = SeccompProgram.Compile(profile, native).Instructions;
            BpfInterpreter.Check(program);
            foreach (var audit in (uint[])[X64, X86, Arm64, 0x40000028])
            {
                for (uint number = 0; number < 480; number++)
                    Compare(audit, number + (random.Next(8) == 0 ? 0x40000000u : 0));
            }

            void Compare(uint audit, uint number)
            {
                ulong[] arguments = [.. Enumerable.Range(0, 6).Select(_ => RandomValue(random))];
                var expected = NaiveEvaluator.Evaluate(profile, native, audit, number, arguments);
                var actual = BpfInterpreter.Run(program, audit, number, arguments);
                actual.ShouldBe(expected, $"round {round}, {audit:x}:{number}");
            }
        }
    }

    private static readonly string[] SomeNames = ["read", "write", "open", "socket", "clone", "personality", "mmap", "ioctl", "prctl", "execve", "socketcall", "openat2", "no_such_call", "rt_sigreturn", "file_setattr"];

    private static readonly SeccompAction[] Actions =
        [SeccompAction.Allow, SeccompAction.Fail(1), SeccompAction.Fail(38), SeccompAction.KillProcess, SeccompAction.KillThread, SeccompAction.Trap, SeccompAction.Log, SeccompAction.Trace(7), SeccompAction.Notify];

    private static SeccompProfile RandomProfile(Random random)
    {
        var rules = new List<SeccompRule>();
        for (var i = random.Next(30); i > 0; i--)
        {
            var conditions = Enumerable.Range(0, random.Next(4)).Select(_ => new SeccompCondition(random.Next(6), (SeccompComparison)random.Next(7), RandomValue(random), RandomValue(random))).ToArray();
            rules.Add(new SeccompRule { Names = [.. random.GetItems(SomeNames, random.Next(1, 4))], Action = random.GetItems(Actions, 1)[0], Conditions = conditions });
        }

        return new SeccompProfile
        {
            DefaultAction = random.GetItems(Actions, 1)[0],
            Architectures = [.. Enum.GetValues<SeccompArchitecture>().Where(_ => random.Next(2) == 0)],
            Rules = rules,
        };
    }

    // Few values, so that conditions meet: small ones, their neighbours, and the same with a high word.
    private static ulong RandomValue(Random random) =>
        (uint)random.Next(0, 4) | (random.Next(3) == 0 ? (ulong)(uint)random.Next(0, 3) << 32 : 0) | (random.Next(10) == 0 ? 0xffffffff00000000 : 0);
}
