using Sampan.Linux.Seccomp;

namespace Sampan.Linux.Tests.Seccomp;

/// <summary>Runs a filter as the kernel does (net/core/filter.c), strictly: any slip is an exception.</summary>
internal static class BpfInterpreter
{
    internal static SeccompAction Run(IReadOnlyList<SeccompInstruction> program, uint architecture, uint number, params ReadOnlySpan<ulong> arguments)
    {
        uint accumulator = 0;
        for (var pc = 0; ; pc++)
        {
            var (code, jumpTrue, jumpFalse, value) = program[pc];
            switch (code)
            {
                case 0x20: accumulator = Load(value, architecture, number, arguments); break;
                case 0x54: accumulator &= value; break;
                case 0x05: pc += (int)value; break;
                case 0x15: pc += accumulator == value ? jumpTrue : jumpFalse; break;
                case 0x25: pc += accumulator > value ? jumpTrue : jumpFalse; break;
                case 0x35: pc += accumulator >= value ? jumpTrue : jumpFalse; break;
                case 0x06: return new SeccompAction(value);
                default: throw new InvalidOperationException($"instruction {pc}: unknown code {code:x}");
            }
        }
    }

    private static uint Load(uint offset, uint architecture, uint number, ReadOnlySpan<ulong> arguments)
    {
        if (offset == 0)
            return number;
        if (offset == 4)
            return architecture;
        if (offset is < 16 or > 60 || offset % 4 != 0)
            throw new InvalidOperationException($"load from {offset}");
        var index = (int)(offset - 16) / 8;
        var argument = index < arguments.Length ? arguments[index] : 0;
        return offset % 8 == 0 ? (uint)argument : (uint)(argument >> 32);
    }

    /// <summary>What the kernel's checker (seccomp_check_filter, bpf_check_classic) demands.</summary>
    internal static void Check(IReadOnlyList<SeccompInstruction> program)
    {
        program.Count.ShouldBeInRange(1, 4096);
        program[^1].Code.ShouldBe((ushort)0x06);
        for (var pc = 0; pc < program.Count; pc++)
        {
            var one = program[pc];
            if (one.Code == 0x05)
                (pc + 1 + one.Value).ShouldBeLessThan((uint)program.Count);
            else if (one.Code is 0x15 or 0x25 or 0x35)
                Math.Max(pc + 1 + one.JumpTrue, pc + 1 + one.JumpFalse).ShouldBeLessThan(program.Count);
        }
    }
}
