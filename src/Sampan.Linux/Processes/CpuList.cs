using System.Globalization;

namespace Sampan.Linux.Processes;

/// <summary>Lists of processors as the kernel writes them, <c>0-3,7</c>, as masks of 64 bits per word.</summary>
public static class CpuList
{
    /// <summary>Processors that a list may name: CONFIG_NR_CPUS at its largest.</summary>
    public const int MaxCpus = 8192;

    private const int WordBits = 64;

    /// <summary>Reads a list.</summary>
    /// <param name="text">For example <c>0-3,7</c>; an empty one names none and is refused.</param>
    /// <param name="mask">Bit n of word n/64 for processor n; as long as the highest processor needs.</param>
    /// <returns>False if it is no such list, or one of its numbers is <see cref="MaxCpus"/> or more.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out ulong[] mask)
    {
        var words = new ulong[MaxCpus / WordBits];
        var last = -1;
        mask = [];
        foreach (var part in text.Split(','))
        {
            var range = text[part];
            var dash = range.IndexOf('-');
            if (!TryNumber(dash < 0 ? range : range[..dash], out var from))
                return false;
            var to = from;
            if (dash >= 0 && (!TryNumber(range[(dash + 1)..], out to) || to < from))
                return false;
            for (var cpu = from; cpu <= to; cpu++)
                words[cpu / WordBits] |= 1UL << (cpu % WordBits);
            last = Math.Max(last, to);
        }
        mask = words[..(last / WordBits + 1)];
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < MaxCpus;
}
