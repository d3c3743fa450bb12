using System.Buffers.Binary;
using System.Numerics;

namespace Sampan.DockerApi.Digests;

/// <summary>
/// SHA-256 and SHA-512 (<see href="https://nvlpubs.nist.gov/nistpubs/FIPS/NIST.FIPS.180-4.pdf">FIPS 180-4</see>, sections 6.2 and 6.4) of short texts in the
/// command line. .NET's load OpenSSL at run time, which a static program cannot; the engine hashes content with those.
/// No branch and no index depends on what is hashed.
/// </summary>
public static class Sha2
{
    private const int Block256 = 64;
    private const int Block512 = 128;

    private static ReadOnlySpan<uint> K256 =>
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    private static ReadOnlySpan<ulong> K512 =>
    [
        0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc, 0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
        0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2, 0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
        0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65, 0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
        0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
        0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df, 0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
        0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
        0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
        0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec, 0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
        0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
        0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
    ];

    /// <summary>SHA-256: 32 bytes.</summary>
    public static byte[] Sha256(ReadOnlySpan<byte> data)
    {
        Span<uint> h = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
        int whole = data.Length / Block256 * Block256;
        for (int at = 0; at < whole; at += Block256) Mix(h, data.Slice(at, Block256));
        Span<byte> tail = stackalloc byte[2 * Block256];
        var end = Padded(tail, data[whole..], Block256, data.Length);
        for (int at = 0; at < end.Length; at += Block256) Mix(h, end.Slice(at, Block256));
        byte[] digest = new byte[32];
        for (int i = 0; i < h.Length; i++) BinaryPrimitives.WriteUInt32BigEndian(digest.AsSpan(4 * i), h[i]);
        return digest;
    }

    /// <summary>SHA-512: 64 bytes.</summary>
    public static byte[] Sha512(ReadOnlySpan<byte> data)
    {
        Span<ulong> h = [0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179];
        int whole = data.Length / Block512 * Block512;
        for (int at = 0; at < whole; at += Block512) Mix(h, data.Slice(at, Block512));
        Span<byte> tail = stackalloc byte[2 * Block512];
        var end = Padded(tail, data[whole..], Block512, data.Length);
        for (int at = 0; at < end.Length; at += Block512) Mix(h, end.Slice(at, Block512));
        byte[] digest = new byte[64];
        for (int i = 0; i < h.Length; i++) BinaryPrimitives.WriteUInt64BigEndian(digest.AsSpan(8 * i), h[i]);
        return digest;
    }

    // What is left of the data, one bit, zeros, and the number of all bits in the last eighth of a block.
    private static Span<byte> Padded(Span<byte> tail, ReadOnlySpan<byte> rest, int block, int length)
    {
        tail.Clear();
        rest.CopyTo(tail);
        tail[rest.Length] = 0x80;
        var padded = tail[..(rest.Length < block - block / 8 ? block : 2 * block)];
        BinaryPrimitives.WriteInt64BigEndian(padded[^8..], 8L * length);
        return padded;
    }

    private static void Mix(Span<uint> h, ReadOnlySpan<byte> block)
    {
        Span<uint> w = stackalloc uint[64];
        for (int t = 0; t < 16; t++) w[t] = BinaryPrimitives.ReadUInt32BigEndian(block[(4 * t)..]);
        for (int t = 16; t < w.Length; t++)
        {
            uint x = w[t - 15], y = w[t - 2];
            w[t] = w[t - 16] + w[t - 7] + (BitOperations.RotateRight(x, 7) ^ BitOperations.RotateRight(x, 18) ^ x >> 3) + (BitOperations.RotateRight(y, 17) ^ BitOperations.RotateRight(y, 19) ^ y >> 10);
        }
        var (a, b, c, d, e, f, g, i) = (h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7]);
        for (int t = 0; t < w.Length; t++)
        {
            uint first = i + (BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25)) + (e & f ^ ~e & g) + K256[t] + w[t];
            uint second = (BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22)) + (a & b ^ a & c ^ b & c);
            (i, g, f, e, d, c, b, a) = (g, f, e, d + first, c, b, a, first + second);
        }
        (h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7]) = (h[0] + a, h[1] + b, h[2] + c, h[3] + d, h[4] + e, h[5] + f, h[6] + g, h[7] + i);
    }

    private static void Mix(Span<ulong> h, ReadOnlySpan<byte> block)
    {
        Span<ulong> w = stackalloc ulong[80];
        for (int t = 0; t < 16; t++) w[t] = BinaryPrimitives.ReadUInt64BigEndian(block[(8 * t)..]);
        for (int t = 16; t < w.Length; t++)
        {
            ulong x = w[t - 15], y = w[t - 2];
            w[t] = w[t - 16] + w[t - 7] + (BitOperations.RotateRight(x, 1) ^ BitOperations.RotateRight(x, 8) ^ x >> 7) + (BitOperations.RotateRight(y, 19) ^ BitOperations.RotateRight(y, 61) ^ y >> 6);
        }
        var (a, b, c, d, e, f, g, i) = (h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7]);
        for (int t = 0; t < w.Length; t++)
        {
            ulong first = i + (BitOperations.RotateRight(e, 14) ^ BitOperations.RotateRight(e, 18) ^ BitOperations.RotateRight(e, 41)) + (e & f ^ ~e & g) + K512[t] + w[t];
            ulong second = (BitOperations.RotateRight(a, 28) ^ BitOperations.RotateRight(a, 34) ^ BitOperations.RotateRight(a, 39)) + (a & b ^ a & c ^ b & c);
            (i, g, f, e, d, c, b, a) = (g, f, e, d + first, c, b, a, first + second);
        }
        (h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7]) = (h[0] + a, h[1] + b, h[2] + c, h[3] + d, h[4] + e, h[5] + f, h[6] + g, h[7] + i);
    }
}
