using System.Numerics;

namespace Sampan.Server.Registry;

/// <summary>
/// The first state of <see href="https://www.schneier.com/academic/archives/1994/09/description_of_a_new.html">Blowfish</see>: the binary
/// digits of π behind the point, 18 words of subkeys and 4 × 256 of substitution boxes. They are computed, not copied: Machin's formula,
/// π = 16 atan(1/5) − 4 atan(1/239), in fixed point.
/// </summary>
internal static class BlowfishTables
{
    internal const int Subkeys = 18;
    internal const int Words = Subkeys + (4 * 256);

    // What the last digits of the sums lose.
    private const int GuardBits = 64;

    private static readonly Lazy<uint[]> s_words = new(Compute);

    /// <summary>All words; not to be changed.</summary>
    internal static ReadOnlySpan<uint> All => s_words.Value;

    private static uint[] Compute()
    {
        const int bits = (Words * 32) + GuardBits;
        var pi = (16 * ArcTangentOfInverse(5, bits)) - (4 * ArcTangentOfInverse(239, bits));
        var fraction = (pi - (new BigInteger(3) << bits)) >> GuardBits;
        var bytes = fraction.ToByteArray(isUnsigned: true, isBigEndian: true);
        // π's fraction begins with zero bits: 0x243F6A88…
        var padded = new byte[Words * 4];
        bytes.CopyTo(padded, padded.Length - bytes.Length);
        var words = new uint[Words];
        for (var i = 0; i < words.Length; i++)
            words[i] = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(padded.AsSpan(i * 4));
        return words;
    }

    // x − x³/3 + x⁵/5 − …
    private static BigInteger ArcTangentOfInverse(int inverse, int bits)
    {
        var power = (BigInteger.One << bits) / inverse;
        var sum = power;
        var square = inverse * inverse;
        for (var n = 3; !power.IsZero; n += 2)
        {
            power /= square;
            sum += (n & 2) != 0 ? -(power / n) : power / n;
        }
        return sum;
    }
}
