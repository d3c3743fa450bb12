using Sampan.Linux.Cgroups;
using Sampan.Linux.Cgroups.V2;
using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Tests.Cgroups;

/// <summary>The program is run by a small interpreter and compared with the rules read one by one.</summary>
public sealed class DeviceProgramTests
{
    private static DeviceRule Rule(bool allow, FileKind? kind, uint? major, uint? minor, DeviceAccess access) =>
        new() { Allow = allow, Kind = kind, Major = major, Minor = minor, Access = access };

    private static readonly DeviceRule DenyAll = Rule(false, null, null, null, DeviceAccess.All);

    [Fact]
    public void No_rules_deny_everything() => Run(DeviceProgram.Compile([]), 2, 1, 3, DeviceAccess.Read).ShouldBeFalse();

    [Fact]
    public void Rules_for_all_end_the_program_early()
    {
        var all = DeviceProgram.Compile([Rule(true, FileKind.CharacterDevice, 1, 3, DeviceAccess.All), Rule(true, null, null, null, DeviceAccess.All)]);
        all.Length.ShouldBe(8);
        Run(all, 1, 9, 9, DeviceAccess.All).ShouldBeTrue();
    }

    [Fact]
    public void A_wider_question_is_not_answered_by_a_narrower_permission()
    {
        var program = DeviceProgram.Compile([DenyAll, Rule(true, FileKind.BlockDevice, 8, null, DeviceAccess.Read)]);
        Run(program, 1, 8, 0, DeviceAccess.Read).ShouldBeTrue();
        Run(program, 1, 8, 0, DeviceAccess.Read | DeviceAccess.Write).ShouldBeFalse();
        Run(program, 2, 8, 0, DeviceAccess.Read).ShouldBeFalse();
        Run(program, 1, 7, 0, DeviceAccess.Read).ShouldBeFalse();
    }

    [Fact]
    public void Agrees_with_the_rules_read_one_by_one()
    {
        var random = new Random(7);
        uint?[] numbers = [null, 0, 1, 5, uint.MaxValue];
        FileKind?[] kinds = [null, FileKind.CharacterDevice, FileKind.BlockDevice];
        for (var round = 0; round < 500; round++)
        {
            var rules = Enumerable.Range(0, random.Next(8)).Select(_ => Rule(random.Next(2) == 0, kinds[random.Next(3)], numbers[random.Next(5)], numbers[random.Next(5)], (DeviceAccess)random.Next(8))).ToArray();
            var program = DeviceProgram.Compile(rules);
            foreach (var kind in (int[])[1, 2])
            {
                foreach (var major in (uint[])[0, 1, 5, 6, uint.MaxValue])
                {
                    foreach (var minor in (uint[])[0, 1, 6, uint.MaxValue])
                    {
                        for (var access = 1; access < 8; access++)
                            Run(program, kind, major, minor, (DeviceAccess)access).ShouldBe(Naive(rules, kind, major, minor, (DeviceAccess)access));
                    }
                }
            }
        }
    }

    private static bool Naive(IReadOnlyList<DeviceRule> rules, int kind, uint major, uint minor, DeviceAccess access)
    {
        foreach (var rule in rules.Reverse())
        {
            var sameKind = rule.Kind is null || (rule.Kind == FileKind.BlockDevice) == (kind == 1);
            var sameNumbers = (rule.Major ?? major) == major && (rule.Minor ?? minor) == minor;
            var speaksOfIt = rule.Access != DeviceAccess.None && (rule.Allow ? (access & ~rule.Access) == 0 : (access & rule.Access) != 0);
            if (sameKind && sameNumbers && speaksOfIt)
                return rule.Allow;
        }

        return false;
    }

    private static bool Run(Sys.bpf_insn[] program, int kind, uint major, uint minor, DeviceAccess access)
    {
        var context = new uint[] { (uint)kind | ((uint)access << 16), major, minor };
        var registers = new ulong[11];
        for (var pc = 0; ; pc++)
        {
            var one = program[pc];
            var (target, source) = (one.registers & 15, one.registers >> 4);
            switch (one.code)
            {
                case 0x61: registers[target] = context[one.off / 4]; break;
                case 0xbf: registers[target] = registers[source]; break;
                case 0xb7: registers[target] = (ulong)one.imm; break;
                case 0x54: registers[target] = (uint)registers[target] & (uint)one.imm; break;
                case 0x74: registers[target] = (uint)registers[target] >> one.imm; break;
                case 0x55: pc += registers[target] != (ulong)one.imm ? one.off : 0; break;
                case 0x56: pc += (uint)registers[target] != (uint)one.imm ? one.off : 0; break;
                case 0x15: pc += registers[target] == (ulong)one.imm ? one.off : 0; break;
                case 0x95: return registers[0] == 1;
                default: throw new InvalidOperationException($"unknown instruction {one.code:x}");
            }
        }
    }
}
