using Sampan.Linux.Io;
using static Sampan.Linux.Syscalls.Sys;

namespace Sampan.Linux.Cgroups.V2;

/// <summary>
/// Device rules as an eBPF program of type BPF_PROG_TYPE_CGROUP_DEVICE
/// (<see href="https://docs.kernel.org/admin-guide/cgroup-v2.html#device-controller">cgroup-v2.rst</see>): returns 1 to allow. The rules are
/// looked at from the last to the first, since the last that matches decides; none means deny.
/// </summary>
/// <remarks>
/// An allowing rule must cover every access asked for; a denying rule matches if it forbids any of them. So a wider question is never
/// answered by a narrower permission.
/// </remarks>
internal static class DeviceProgram
{
    private const byte LoadWord = 0x61;     // BPF_LDX | BPF_MEM | BPF_W
    private const byte MoveRegister = 0xbf; // BPF_ALU64 | BPF_MOV | BPF_X
    private const byte MoveValue = 0xb7;    // BPF_ALU64 | BPF_MOV | BPF_K
    private const byte AndValue = 0x54;     // BPF_ALU | BPF_AND | BPF_K, 32 bits
    private const byte ShiftRight = 0x74;   // BPF_ALU | BPF_RSH | BPF_K, 32 bits
    private const byte JumpIfNot = 0x55;    // BPF_JMP | BPF_JNE | BPF_K
    private const byte JumpIfNot32 = 0x56;  // BPF_JMP32 | BPF_JNE | BPF_K
    private const byte JumpIfEqual = 0x15;  // BPF_JMP | BPF_JEQ | BPF_K
    private const byte Exit = 0x95;

    private const int Context = 1, Kind = 2, Access = 3, Major = 4, Minor = 5, Scratch = 0;

    internal static bpf_insn[] Compile(IReadOnlyList<DeviceRule> rules)
    {
        // struct bpf_cgroup_dev_ctx { u32 access_type; /* access << 16 | type */ u32 major; u32 minor; }
        var program = new List<bpf_insn>
        {
            Instruction(LoadWord, Kind, Context, offset: 0),
            Instruction(MoveRegister, Access, Kind),
            Instruction(AndValue, Kind, value: 0xffff),
            Instruction(ShiftRight, Access, value: 16),
            Instruction(LoadWord, Major, Context, offset: 4),
            Instruction(LoadWord, Minor, Context, offset: 8),
        };

        for (var i = rules.Count - 1; i >= 0; i--)
        {
            var rule = rules[i];
            if (rule.Access == DeviceAccess.None)
                continue;
            AppendRule(program, rule);
            if (rule.IsForAll)
                return [.. program]; // nothing before it can be reached
        }

        AppendVerdict(program, allow: false);
        return [.. program];
    }

    private static void AppendRule(List<bpf_insn> program, DeviceRule rule)
    {
        // Each condition that fails jumps behind the verdict; distances are filled in when it is known.
        var body = new List<bpf_insn>();
        if (rule.Kind is { } kind)
            body.Add(Instruction(JumpIfNot, Kind, value: kind == FileKind.BlockDevice ? 1 : 2)); // BPF_DEVCG_DEV_BLOCK, _CHAR
        if (rule.Access != DeviceAccess.All)
        {
            body.Add(Instruction(MoveRegister, Scratch, Access));
            if (rule.Allow)
            {
                body.Add(Instruction(AndValue, Scratch, value: ~(int)rule.Access & (int)DeviceAccess.All)); // what is asked beyond the rule
                body.Add(Instruction(JumpIfNot, Scratch, value: 0));
            }
            else
            {
                body.Add(Instruction(AndValue, Scratch, value: (int)rule.Access)); // what is asked and forbidden
                body.Add(Instruction(JumpIfEqual, Scratch, value: 0));
            }
        }

        if (rule.Major is { } major)
            body.Add(Instruction(JumpIfNot32, Major, value: unchecked((int)major)));
        if (rule.Minor is { } minor)
            body.Add(Instruction(JumpIfNot32, Minor, value: unchecked((int)minor)));

        const int verdictLength = 2;
        for (var i = 0; i < body.Count; i++)
        {
            var one = body[i];
            program.Add(one.code is JumpIfNot or JumpIfNot32 or JumpIfEqual ? one with { off = (short)(body.Count - 1 - i + verdictLength) } : one);
        }

        AppendVerdict(program, rule.Allow);
    }

    private static void AppendVerdict(List<bpf_insn> program, bool allow)
    {
        program.Add(Instruction(MoveValue, 0, value: allow ? 1 : 0));
        program.Add(Instruction(Exit, 0));
    }

    // The four low bits are the target register, the high ones the source (little endian).
    private static bpf_insn Instruction(byte code, int target, int source = 0, short offset = 0, int value = 0) =>
        new(code, (byte)(target | (source << 4)), offset, value);
}
