namespace Sampan.Linux.Cgroups;

/// <summary>OCI speaks in v1's units; these are v2's. Pure, one function per control.</summary>
public static class CgroupConversions
{
    /// <summary>cpu.shares (2 to 262144, default 1024) → cpu.weight (1 to 10000, default 100): a curve through both ends and both defaults, as runc 1.4 and crun 1.24 draw it.</summary>
    public static ulong SharesToWeight(ulong shares)
    {
        if (shares <= 2)
            return 1;
        if (shares >= 262_144)
            return 10_000;
        var log = Math.Log2(shares);
        var exponent = (log * log + 125 * log) / 612.0 - 7.0 / 34.0;
        return (ulong)Math.Ceiling(Math.Pow(10, exponent));
    }

    /// <summary>blkio.weight (10 to 1000) → io.weight (1 to 10000), linear.</summary>
    public static ulong BlockIoWeightToIoWeight(ushort weight) => weight <= 10 ? 1UL : 1 + ((ulong)weight - 10) * 9999 / 990;

    /// <summary>cpu quota and period → cpu.max.</summary>
    /// <param name="quota">Microseconds; null or negative for no limit.</param>
    /// <param name="period">Microseconds; null for the kernel's 100000.</param>
    public static string CpuMax(long? quota, ulong? period) => $"{(quota is > 0 ? quota.Value.ToString() : "max")} {period ?? 100_000}";

    /// <summary>v1's memory+swap limit → memory.swap.max, which counts swap alone.</summary>
    /// <param name="memory">Memory limit in bytes, -1 for none, null if not given.</param>
    /// <param name="memoryAndSwap">Both together, -1 for none.</param>
    /// <param name="value">Bytes, or <c>max</c>.</param>
    /// <returns>False if the two contradict each other.</returns>
    public static bool TrySwapMax(long? memory, long memoryAndSwap, out string value)
    {
        value = "max";
        if (memoryAndSwap < 0)
            return true;
        if (memory is null or < 0 || memoryAndSwap < memory)
            return false;
        value = (memoryAndSwap - memory.Value).ToString();
        return true;
    }

    /// <summary>A limit in bytes or numbers as v2 writes it: <c>max</c> for none.</summary>
    public static string Max(long limit) => limit < 0 ? "max" : limit.ToString();
}
