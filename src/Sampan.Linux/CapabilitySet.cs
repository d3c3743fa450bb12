using System.Numerics;

namespace Sampan.Linux;

/// <summary>A set of capabilities as the kernel keeps it: one bit each. See <see href="https://man7.org/linux/man-pages/man7/capabilities.7.html">capabilities(7)</see>.</summary>
/// <param name="Bits">Bit n is capability n.</param>
public readonly record struct CapabilitySet(ulong Bits)
{
    /// <summary>No capability.</summary>
    public static CapabilitySet None => default;

    /// <summary>Every capability that has a name in <see cref="Capability"/>.</summary>
    public static CapabilitySet All => new((1UL << ((int)Capability.CheckpointRestore + 1)) - 1);

    /// <summary>How many are in the set.</summary>
    public int Count => BitOperations.PopCount(Bits);

    /// <summary>True if there is none.</summary>
    public bool IsEmpty => Bits == 0;

    /// <summary>The set of the given ones.</summary>
    public static CapabilitySet Of(params ReadOnlySpan<Capability> capabilities)
    {
        ulong bits = 0;
        foreach (var capability in capabilities)
            bits |= 1UL << (int)capability;
        return new CapabilitySet(bits);
    }

    /// <summary>True if <paramref name="capability"/> is in it.</summary>
    public bool Contains(Capability capability) => (Bits & (1UL << (int)capability)) != 0;

    /// <summary>This one and that one.</summary>
    public CapabilitySet With(Capability capability) => new(Bits | (1UL << (int)capability));

    /// <summary>This one without that one.</summary>
    public CapabilitySet Without(Capability capability) => new(Bits & ~(1UL << (int)capability));

    /// <summary>What is in both.</summary>
    public CapabilitySet Intersect(CapabilitySet other) => new(Bits & other.Bits);

    /// <summary>What is in either.</summary>
    public CapabilitySet Union(CapabilitySet other) => new(Bits | other.Bits);

    /// <summary>What is in this one and not in <paramref name="other"/>.</summary>
    public CapabilitySet Except(CapabilitySet other) => new(Bits & ~other.Bits);

    /// <summary>The capabilities in the kernel's order; numbers without a name are left out.</summary>
    public IEnumerable<Capability> Items()
    {
        for (var number = 0; number <= (int)Capability.CheckpointRestore; number++)
        {
            if ((Bits & (1UL << number)) != 0)
                yield return (Capability)number;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => IsEmpty ? "none" : string.Join(' ', Array.ConvertAll([.. Items()], CapabilityNames.ToName));
}
