using Sampan.Linux.Seccomp.Tables;

namespace Sampan.Linux.Seccomp;

/// <summary>
/// Profile → program: (1) the architecture is looked at first; (2) per architecture, every system call number gets an outcome, equal
/// neighbours become one range; (3) a balanced tree of comparisons finds the range; (4) conditions on arguments follow where there are any.
/// </summary>
internal static class SeccompCompiler
{
    private const uint X32Bit = X32Calls.X32Bit;

    /// <summary>Above every number in the tables, without the bit of x32.</summary>
    private const int MaxCalls = 640;

    private static readonly SeccompArchitecture[] s_all = [SeccompArchitecture.X64, SeccompArchitecture.X86, SeccompArchitecture.X32, SeccompArchitecture.Arm64];

    internal static SeccompInstruction[] Compile(SeccompProfile profile, SeccompArchitecture native)
    {
        Validate(profile);
        var graph = new SeccompGraph();

        // Same AUDIT_ARCH, one block: x86-64 and x32 are told apart by a bit of the number.
        var audited = new List<uint> { native.AuditValue() };
        foreach (var architecture in profile.Architectures)
        {
            if (!audited.Contains(architecture.AuditValue()))
                audited.Add(architecture.AuditValue());
        }

        var node = graph.Return(SeccompAction.KillProcess);
        for (var i = audited.Count - 1; i >= 0; i--)
            node = graph.Test(SeccompGraph.JumpIfEqual, audited[i], graph.Load(SeccompGraph.NumberOffset, Decide(graph, profile, Interfaces(profile, native, audited[i]))), node);
        return graph.Emit(graph.Load(SeccompGraph.ArchitectureOffset, node));
    }

    /// <summary>The interfaces asked for that share an AUDIT_ARCH value, in order: x32 after x86-64, above whose numbers its own lie.</summary>
    private static List<SeccompArchitecture> Interfaces(SeccompProfile profile, SeccompArchitecture native, uint audit)
    {
        var shared = new List<SeccompArchitecture>();
        foreach (var architecture in s_all)
        {
            if (architecture.AuditValue() == audit && (architecture == native || profile.Architectures.Contains(architecture)))
                shared.Add(architecture);
        }

        return shared;
    }

    private static void Validate(SeccompProfile profile)
    {
        foreach (var rule in profile.Rules)
        {
            foreach (var condition in rule.Conditions)
            {
                if (condition.Argument is < 0 or > 5)
                    throw new LinuxException($"filter argument {condition.Argument} (a call has arguments 0 to 5) of system call", Errno.EINVAL, rule.Names.Count > 0 ? rule.Names[0] : "");
            }
        }
    }

    /// <summary>The tree for all interfaces that share an AUDIT_ARCH value.</summary>
    private static int Decide(SeccompGraph graph, SeccompProfile profile, List<SeccompArchitecture> interfaces)
    {
        // Outcomes by their first number, in order; each holds up to the next.
        var starts = new List<(uint First, int Node)>();
        foreach (var architecture in interfaces)
        {
            if (architecture == SeccompArchitecture.X32 && starts.Count == 0)
                starts.Add((0, graph.Return(profile.DefaultAction))); // x32 alone: what lies below its bit is no call of it
            AddRanges(graph, profile, architecture, starts);
        }

        if (interfaces is [SeccompArchitecture.X64])
            starts.Add((X32Bit, graph.Return(SeccompAction.Fail(Errno.ENOSYS)))); // as a kernel without x32 says, also to profiles that allow by default

        Merge(starts);
        return Tree(graph, starts, 0, starts.Count);
    }

    private static void AddRanges(SeccompGraph graph, SeccompProfile profile, SeccompArchitecture architecture, List<(uint First, int Node)> starts)
    {
        var calls = Resolve(profile, architecture);
        var fallback = graph.Return(profile.DefaultAction);
        var bias = architecture == SeccompArchitecture.X32 ? X32Bit : 0;
        uint next = 0;
        for (uint number = 0; number < calls.Length; number++)
        {
            if (calls[number] is not { } rules)
                continue;
            if (number > next)
                starts.Add((bias + next, fallback));
            starts.Add((bias + number, rules is SeccompRule { Conditions.Count: 0 } one ? graph.Return(one.Action) : graph.Chain(rules as List<SeccompRule> ?? [(SeccompRule)rules], profile.DefaultAction)));
            next = number + 1;
        }

        // A call newer than all the profile speaks of: "not there" makes libc use an older one, "not permitted" makes programs fail (as runc does).
        var newer = profile.DefaultAction.Denies && next > 0 ? graph.Return(SeccompAction.Fail(Errno.ENOSYS)) : fallback;
        starts.Add((bias + next, newer));
    }

    /// <summary>By number of call: nothing, its one rule, or a list of its rules. A container is waiting: no dictionaries.</summary>
    private static object?[] Resolve(SeccompProfile profile, SeccompArchitecture architecture)
    {
        var calls = new object?[MaxCalls];
        foreach (var rule in profile.Rules)
        {
            foreach (var name in rule.Names)
            {
                var number = Find(name, architecture) & ~(int)X32Bit;
                if (number < 0)
                    continue;
                switch (calls[number])
                {
                    case null:
                        calls[number] = rule;
                        break;
                    case List<SeccompRule> rules:
                        rules.Add(rule);
                        break;
                    case SeccompRule first:
                        calls[number] = new List<SeccompRule> { first, rule };
                        break;
                }
            }
        }

        return calls;
    }

    private static int Find(string name, SeccompArchitecture architecture) => architecture switch
    {
        SeccompArchitecture.X64 => X64Calls.Find(name),
        SeccompArchitecture.X86 => X86Calls.Find(name),
        SeccompArchitecture.X32 => X32Calls.Find(name),
        SeccompArchitecture.Arm64 => Arm64Calls.Find(name),
        _ => -1,
    };

    private static void Merge(List<(uint First, int Node)> starts)
    {
        var kept = 1;
        for (var i = 1; i < starts.Count; i++)
        {
            if (starts[i].Node != starts[kept - 1].Node)
                starts[kept++] = starts[i];
        }

        starts.RemoveRange(kept, starts.Count - kept);
    }

    private static int Tree(SeccompGraph graph, List<(uint First, int Node)> starts, int from, int to)
    {
        if (to - from == 1)
            return starts[from].Node;
        var middle = (from + to) / 2;
        return graph.Test(SeccompGraph.JumpIfAtLeast, starts[middle].First, Tree(graph, starts, middle, to), Tree(graph, starts, from, middle));
    }
}
