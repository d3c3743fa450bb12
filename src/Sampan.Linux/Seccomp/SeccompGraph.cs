namespace Sampan.Linux.Seccomp;

/// <summary>
/// A filter as a graph without cycles: leaves return, inner nodes test the accumulator or load into it. Equal nodes are one node, so outcomes
/// and argument checks that several calls share are emitted once. Nodes are numbers.
/// </summary>
internal sealed partial class SeccompGraph
{
    internal const ushort LoadWord = 0x20;      // BPF_LD | BPF_W | BPF_ABS
    internal const ushort AndValue = 0x54;      // BPF_ALU | BPF_AND | BPF_K
    internal const ushort Jump = 0x05;          // BPF_JMP | BPF_JA
    internal const ushort JumpIfEqual = 0x15;   // BPF_JMP | BPF_JEQ | BPF_K
    internal const ushort JumpIfAbove = 0x25;   // BPF_JMP | BPF_JGT | BPF_K
    internal const ushort JumpIfAtLeast = 0x35; // BPF_JMP | BPF_JGE | BPF_K
    internal const ushort ReturnValue = 0x06;   // BPF_RET | BPF_K

    /// <summary>struct seccomp_data: int nr; __u32 arch; __u64 instruction_pointer; __u64 args[6].</summary>
    internal const uint NumberOffset = 0, ArchitectureOffset = 4, ArgumentsOffset = 16;

    private readonly List<Node> _nodes = [];
    private readonly Dictionary<Node, int> _known = [];

    internal int Return(SeccompAction action) => Add(new Node(ReturnValue, action.Value, -1, -1));

    internal int Load(uint offset, int next) => Add(new Node(LoadWord, offset, next, -1));

    internal int And(uint mask, int next) => Add(new Node(AndValue, mask, next, -1));

    internal int Test(ushort code, uint value, int ifTrue, int ifFalse) => ifTrue == ifFalse ? ifTrue : Add(new Node(code, value, ifTrue, ifFalse));

    /// <summary>Writes the program, the last instruction first, so that every jump's target is known when the jump is written.</summary>
    internal SeccompInstruction[] Emit(int root)
    {
        var reversed = new List<SeccompInstruction>(256);
        var places = new int[_nodes.Count]; // 1 + index in reversed of the latest copy; 0: none
        EmitNode(root, reversed, places);
        if (reversed.Count > SeccompProgram.MaxInstructions)
            throw new LinuxException("compile the system call filter: instructions needed", Errno.E2BIG, reversed.Count.ToString());
        reversed.Reverse();
        return [.. reversed];
    }

    private int Add(Node node)
    {
        if (_known.TryGetValue(node, out var number))
            return number;
        number = _nodes.Count;
        _nodes.Add(node);
        _known.Add(node, number);
        return number;
    }

    private void EmitNode(int number, List<SeccompInstruction> reversed, int[] places)
    {
        var node = _nodes[number];
        switch (node.Code)
        {
            case ReturnValue:
                reversed.Add(new SeccompInstruction(ReturnValue, 0, 0, node.Value));
                break;
            case LoadWord or AndValue:
                // Falls through to the next node, so that one must come right behind.
                if (places[node.IfTrue] != reversed.Count || reversed.Count == 0)
                    EmitOrJump(node.IfTrue, reversed, places);
                reversed.Add(new SeccompInstruction(node.Code, 0, 0, node.Value));
                break;
            default:
                EmitTest(node, reversed, places);
                break;
        }

        places[number] = reversed.Count;
    }

    private void EmitTest(Node node, List<SeccompInstruction> reversed, int[] places)
    {
        if (places[node.IfTrue] == 0)
            EmitNode(node.IfTrue, reversed, places);
        if (places[node.IfFalse] == 0)
            EmitNode(node.IfFalse, reversed, places);

        // Jumps of a test reach 255 instructions; what lies farther gets a stepping stone here. Laying one may push the other out of reach.
        for (var settled = false; !settled;)
        {
            settled = true;
            foreach (var target in (ReadOnlySpan<int>)[node.IfTrue, node.IfFalse])
            {
                if (reversed.Count - places[target] > byte.MaxValue)
                {
                    EmitOrJump(target, reversed, places);
                    settled = false;
                }
            }
        }

        reversed.Add(new SeccompInstruction(node.Code, (byte)(reversed.Count - places[node.IfTrue]), (byte)(reversed.Count - places[node.IfFalse]), node.Value));
    }

    /// <summary>Puts the node, or if it is there already a jump to it, at the present end.</summary>
    private void EmitOrJump(int number, List<SeccompInstruction> reversed, int[] places)
    {
        var node = _nodes[number];
        if (places[number] == 0 || node.Code == ReturnValue)
        {
            EmitNode(number, reversed, places);
            return;
        }

        reversed.Add(new SeccompInstruction(Jump, 0, 0, (uint)(reversed.Count - places[number])));
        places[number] = reversed.Count;
    }

    private readonly record struct Node(ushort Code, uint Value, int IfTrue, int IfFalse);
}
