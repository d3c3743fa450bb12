namespace Sampan.Linux.Seccomp;

/// <summary>Conditions on arguments: 64 bits compared in two words, since classic BPF has 32.</summary>
internal sealed partial class SeccompGraph
{
    /// <summary>The rules of one call as a chain of tests.</summary>
    internal int Chain(List<SeccompRule> rules, SeccompAction defaultAction)
    {
        var fallback = Return(defaultAction);
        var conditional = new List<SeccompRule>();
        var decided = false;
        foreach (var rule in rules)
        {
            if (rule.Conditions.Count > 0)
            {
                conditional.Add(rule);
            }
            else if (!decided)
            {
                fallback = Return(rule.Action);
                decided = true;
            }
        }

        return conditional.Count == 0 ? fallback : new ChainBuilder(this, conditional, fallback).Build(0, 0, default, NothingLoaded);
    }

    private const uint NothingLoaded = uint.MaxValue;

    /// <summary>What tests on the way have shown about the high word of one argument. Most conditions compare it with 0 again and again.</summary>
    /// <param name="Offset">Of the word, 0 if nothing is known.</param>
    /// <param name="Value">Which it was compared with.</param>
    /// <param name="Equal">The answer.</param>
    private readonly record struct Fact(uint Offset, uint Value, bool Equal);

    /// <summary>Builds the chain from its end; equal states are built once, which keeps the effort at worst quadratic in the conditions.</summary>
    private sealed class ChainBuilder(SeccompGraph graph, List<SeccompRule> rules, int fallback)
    {
        private readonly Dictionary<(int, int, Fact, uint), int> _built = [];

        /// <param name="rule">Which rule is to be tested.</param>
        /// <param name="condition">Which of its conditions; those before it hold.</param>
        /// <param name="fact">What is known.</param>
        /// <param name="loaded">Offset of the word in the accumulator.</param>
        internal int Build(int rule, int condition, Fact fact, uint loaded)
        {
            if (rule == rules.Count)
                return fallback;
            if (condition == rules[rule].Conditions.Count)
                return graph.Return(rules[rule].Action);

            var state = (rule, condition, fact, loaded);
            if (!_built.TryGetValue(state, out var node))
                _built.Add(state, node = Compare(rule, condition, fact, loaded));
            return node;
        }

        private int Compare(int rule, int condition, Fact fact, uint loaded)
        {
            var one = rules[rule].Conditions[condition];
            var low = ArgumentsOffset + (uint)one.Argument * 8; // little endian, as all our architectures are
            var (highValue, lowValue) = ((uint)(one.Value >> 32), (uint)one.Value);

            int Hold(Fact known, uint word) => Build(rule, condition + 1, known, word);
            int Fail(Fact known, uint word) => Build(rule + 1, 0, known, word);

            if (one.Comparison == SeccompComparison.MaskedEqual)
                return Masked(one, low, fact, loaded, Hold, Fail);

            // Either the comparison or its opposite is one of these three.
            var (code, negated) = one.Comparison switch
            {
                SeccompComparison.Equal => (JumpIfEqual, false),
                SeccompComparison.NotEqual => (JumpIfEqual, true),
                SeccompComparison.Greater => (JumpIfAbove, false),
                SeccompComparison.LessOrEqual => (JumpIfAbove, true),
                SeccompComparison.GreaterOrEqual => (JumpIfAtLeast, false),
                SeccompComparison.Less => (JumpIfAtLeast, true),
                var other => throw new LinuxException("compile the system call filter: unknown comparison", Errno.EINVAL, other.ToString()),
            };
            Func<Fact, uint, int> whenTrue = negated ? Fail : Hold, whenFalse = negated ? Hold : Fail;

            int LowWord(Fact known, uint word) =>
                LoadIfNeeded(low, word, graph.Test(code, lowValue, whenTrue(known, low), whenFalse(known, low)));

            // With the high words unequal, "equal" is false; the others are true if the argument's is above.
            int HighUnequal(Fact known, uint word) => code == JumpIfEqual
                ? whenFalse(known, word)
                : highValue == 0
                    ? whenTrue(known, word)
                    : LoadIfNeeded(low + 4, word, graph.Test(JumpIfAbove, highValue, whenTrue(known, low + 4), whenFalse(known, low + 4)));

            return HighEqual(low + 4, highValue, fact, loaded, LowWord, HighUnequal);
        }

        private int HighEqual(uint offset, uint value, Fact fact, uint loaded, Func<Fact, uint, int> equal, Func<Fact, uint, int> unequal)
        {
            if (fact.Offset == offset)
            {
                if (fact.Equal)
                    return fact.Value == value ? equal(fact, loaded) : unequal(fact, loaded);
                if (fact.Value == value)
                    return unequal(fact, loaded);
            }

            return LoadIfNeeded(offset, loaded, graph.Test(JumpIfEqual, value, equal(new Fact(offset, value, true), offset), unequal(new Fact(offset, value, false), offset)));
        }

        private int Masked(SeccompCondition one, uint low, Fact fact, uint loaded, Func<Fact, uint, int> hold, Func<Fact, uint, int> fail)
        {
            if ((one.Value & ~one.Mask) != 0)
                return fail(fact, loaded); // bits are wanted that the mask takes away

            int Word(uint offset, uint mask, uint value, uint word, Func<uint, int> yes)
            {
                if (mask == 0)
                    return yes(word);
                var after = mask == uint.MaxValue ? offset : NothingLoaded;
                var test = graph.Test(JumpIfEqual, value, yes(after), fail(fact, after));
                return LoadIfNeeded(offset, word, mask == uint.MaxValue ? test : graph.And(mask, test));
            }

            return Word(low + 4, (uint)(one.Mask >> 32), (uint)(one.Value >> 32), loaded, word =>
                Word(low, (uint)one.Mask, (uint)one.Value, word, last => hold(fact, last)));
        }

        private int LoadIfNeeded(uint offset, uint loaded, int next) => offset == loaded ? next : graph.Load(offset, next);
    }
}
