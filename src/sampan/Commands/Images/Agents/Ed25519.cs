using Sampan.DockerApi.Digests;

namespace Sampan.Cli.Commands.Images.Agents;

/// <summary>
/// Signatures with Ed25519 (RFC 8032, section 5.1), which .NET has not. Numbers are 16 limbs of 16 bits, after TweetNaCl (public domain): no branch and
/// no index depends on a secret, so that whoever asks for signatures and takes the time learns nothing of the key.
/// </summary>
internal static class Ed25519
{
    public const int SeedBytes = 32;

    private const int Limbs = 16;

    private static readonly long[] s_one = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    private static readonly long[] s_twoD = [0xf159, 0x26b2, 0x9b94, 0xebd6, 0xb156, 0x8283, 0x149a, 0x00e0, 0xd130, 0xeef3, 0x80f2, 0x198e, 0xfce7, 0x56df, 0xd9dc, 0x2406];
    private static readonly long[] s_baseX = [0xd51a, 0x8f25, 0x2d60, 0xc956, 0xa7b2, 0x9525, 0xc760, 0x692c, 0xdc5c, 0xfdd6, 0xe231, 0xc0a4, 0x53fe, 0xcd6e, 0x36d3, 0x2169];
    private static readonly long[] s_baseY = [0x6658, 0x6666, 0x6666, 0x6666, 0x6666, 0x6666, 0x6666, 0x6666, 0x6666, 0x6666, 0x6666, 0x6666, 0x6666, 0x6666, 0x6666, 0x6666];

    // The order of the base point, lowest byte first.
    private static readonly long[] s_order = [0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10];

    /// <summary>The public key of a seed: 32 bytes.</summary>
    public static byte[] PublicKey(ReadOnlySpan<byte> seed) => Encode(Multiply(Clamped(Sha2.Sha512(seed[..SeedBytes]))));

    /// <summary>Signs: 64 bytes.</summary>
    public static byte[] Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message)
    {
        byte[] hash = Sha2.Sha512(seed[..SeedBytes]);
        byte[] secret = Clamped(hash);
        byte[] publicKey = Encode(Multiply(secret));
        byte[] nonce = Reduce(Widened(Sha2.Sha512([.. hash[32..], .. message])));
        byte[] point = Encode(Multiply(nonce));
        byte[] challenge = Reduce(Widened(Sha2.Sha512([.. point, .. publicKey, .. message])));
        long[] sum = new long[64];
        for (int i = 0; i < 32; i++) sum[i] = nonce[i];
        for (int i = 0; i < 32; i++)
        {
            for (int j = 0; j < 32; j++) sum[i + j] += challenge[i] * (long)secret[j];
        }
        byte[] signature = [.. point, .. Reduce(sum)];
        Array.Clear(hash);
        Array.Clear(secret);
        Array.Clear(nonce);
        return signature;
    }

    private static byte[] Clamped(byte[] hash)
    {
        byte[] secret = hash[..32];
        secret[0] &= 248;
        secret[31] = (byte)(secret[31] & 127 | 64);
        return secret;
    }

    private static long[] Widened(byte[] hash) => [.. hash.Select(static b => (long)b)];

    // Modulo the order of the base point.
    private static byte[] Reduce(long[] x)
    {
        for (int i = 63; i >= 32; i--)
        {
            long carry = 0;
            for (int j = i - 32; j < i - 12; j++)
            {
                x[j] += carry - 16 * x[i] * s_order[j - (i - 32)];
                carry = x[j] + 128 >> 8;
                x[j] -= carry << 8;
            }
            x[i - 12] += carry;
            x[i] = 0;
        }
        long rest = 0;
        for (int j = 0; j < 32; j++)
        {
            x[j] += rest - (x[31] >> 4) * s_order[j];
            rest = x[j] >> 8;
            x[j] &= 255;
        }
        byte[] reduced = new byte[32];
        for (int j = 0; j < 32; j++) x[j] -= rest * s_order[j];
        for (int i = 0; i < 32; i++)
        {
            x[i + 1] += x[i] >> 8;
            reduced[i] = (byte)x[i];
        }
        return reduced;
    }

    // The base point as often as a number says; as many steps for each number.
    private static Point Multiply(byte[] number)
    {
        var result = new Point(new long[Limbs], [.. s_one], [.. s_one], new long[Limbs]);
        var doubled = new Point([.. s_baseX], [.. s_baseY], [.. s_one], Times(s_baseX, s_baseY));
        for (int i = 255; i >= 0; i--)
        {
            long bit = number[i / 8] >> (i & 7) & 1;
            Swap(result, doubled, bit);
            doubled = Add(doubled, result);
            result = Add(result, result);
            Swap(result, doubled, bit);
        }
        return result;
    }

    private static Point Add(Point p, Point q)
    {
        long[] a = Times(Minus(p.Y, p.X), Minus(q.Y, q.X));
        long[] b = Times(Plus(p.X, p.Y), Plus(q.X, q.Y));
        long[] c = Times(Times(p.T, q.T), s_twoD);
        long[] d = Times(p.Z, q.Z);
        d = Plus(d, d);
        var (e, f, g, h) = (Minus(b, a), Minus(d, c), Plus(d, c), Plus(b, a));
        return new Point(Times(e, f), Times(h, g), Times(g, f), Times(e, h));
    }

    private static void Swap(Point p, Point q, long bit)
    {
        Select(p.X, q.X, bit);
        Select(p.Y, q.Y, bit);
        Select(p.Z, q.Z, bit);
        Select(p.T, q.T, bit);
    }

    // Exchanges two numbers if the bit is set.
    private static void Select(long[] p, long[] q, long bit)
    {
        long mask = -bit;
        for (int i = 0; i < Limbs; i++)
        {
            long change = mask & (p[i] ^ q[i]);
            p[i] ^= change;
            q[i] ^= change;
        }
    }

    private static byte[] Encode(Point point)
    {
        long[] inverse = Inverse(point.Z);
        byte[] encoded = Pack(Times(point.Y, inverse));
        encoded[31] ^= (byte)((Pack(Times(point.X, inverse))[0] & 1) << 7);
        return encoded;
    }

    private static long[] Plus(long[] a, long[] b)
    {
        long[] sum = new long[Limbs];
        for (int i = 0; i < Limbs; i++) sum[i] = a[i] + b[i];
        return sum;
    }

    private static long[] Minus(long[] a, long[] b)
    {
        long[] difference = new long[Limbs];
        for (int i = 0; i < Limbs; i++) difference[i] = a[i] - b[i];
        return difference;
    }

    private static long[] Times(long[] a, long[] b)
    {
        Span<long> wide = stackalloc long[31];
        wide.Clear();
        for (int i = 0; i < Limbs; i++)
        {
            for (int j = 0; j < Limbs; j++) wide[i + j] += a[i] * b[j];
        }
        for (int i = 0; i < 15; i++) wide[i] += 38 * wide[i + 16];
        long[] product = wide[..Limbs].ToArray();
        Carry(product);
        Carry(product);
        return product;
    }

    // To the power of the prime minus 2.
    private static long[] Inverse(long[] number)
    {
        long[] power = number;
        for (int i = 253; i >= 0; i--)
        {
            power = Times(power, power);
            if (i is not (2 or 4)) power = Times(power, number);
        }
        return power;
    }

    private static void Carry(long[] number)
    {
        for (int i = 0; i < Limbs; i++)
        {
            number[i] += 1 << 16;
            long carry = number[i] >> 16;
            if (i < 15) number[i + 1] += carry - 1;
            else number[0] += 38 * (carry - 1);
            number[i] -= carry << 16;
        }
    }

    private static byte[] Pack(long[] number)
    {
        long[] value = [.. number];
        Carry(value);
        Carry(value);
        Carry(value);
        for (int round = 0; round < 2; round++)
        {
            long[] less = new long[Limbs];
            less[0] = value[0] - 0xffed;
            for (int i = 1; i < 15; i++)
            {
                less[i] = value[i] - 0xffff - (less[i - 1] >> 16 & 1);
                less[i - 1] &= 0xffff;
            }
            less[15] = value[15] - 0x7fff - (less[14] >> 16 & 1);
            long isNegative = less[15] >> 16 & 1;
            less[14] &= 0xffff;
            Select(value, less, 1 - isNegative);
        }
        byte[] packed = new byte[32];
        for (int i = 0; i < Limbs; i++) (packed[2 * i], packed[2 * i + 1]) = ((byte)value[i], (byte)(value[i] >> 8));
        return packed;
    }

    // In extended coordinates: X/Z, Y/Z, T/Z = XY.
    private sealed record Point(long[] X, long[] Y, long[] Z, long[] T);
}
