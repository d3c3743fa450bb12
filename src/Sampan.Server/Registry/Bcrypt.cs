using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sampan.Server.Registry;

/// <summary>
/// A password's hash by <see href="https://www.usenix.org/legacy/events/usenix99/provos/provos.pdf">bcrypt</see>, as <c>htpasswd -B</c>
/// writes it: <c>$2y$COST$</c>, 22 signs of salt, 31 of hash. <c>$2a$</c> and <c>$2b$</c> differ only in mistakes of old programs.
/// </summary>
internal sealed class Bcrypt
{
    private const string Alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int TextLength = 60;
    private const int SaltBytes = 16;
    private const int HashBytes = 23;
    private const int KeyMaxBytes = 72;

    // "OrpheanBeholderScryDoubt"
    private static readonly uint[] s_text = [0x4F727068, 0x65616E42, 0x65686F6C, 0x64657253, 0x63727944, 0x6F756274];

    private readonly int _cost;
    private readonly byte[] _salt;
    private readonly byte[] _hash;

    private Bcrypt(int cost, byte[] salt, byte[] hash) => (_cost, _salt, _hash) = (cost, salt, hash);

    /// <summary>Reads a hash; false if the text is none.</summary>
    internal static bool TryParse(string text, [NotNullWhen(true)] out Bcrypt? hash)
    {
        hash = null;
        if (text.Length != TextLength || text[0] != '$' || text[1] != '2' || text[2] is not ('a' or 'b' or 'y') || text[3] != '$' || text[6] != '$')
            return false;
        if (!int.TryParse(text.AsSpan(4, 2), NumberStyles.None, CultureInfo.InvariantCulture, out var cost) || cost is < 4 or > 31)
            return false;
        if (Decode(text.AsSpan(7, 22), SaltBytes) is not { } salt || Decode(text.AsSpan(29), HashBytes) is not { } bytes)
            return false;
        hash = new Bcrypt(cost, salt, bytes);
        return true;
    }

    /// <summary>True if the password is the one that was hashed. Takes 2^cost rounds, right or wrong.</summary>
    internal bool Verify(string password) => CryptographicOperations.FixedTimeEquals(Compute(Encoding.UTF8.GetBytes(password)), _hash);

    private byte[] Compute(byte[] password)
    {
        // A C string: its end belongs to it, and what is behind 72 bytes does not count.
        Span<byte> key = stackalloc byte[Math.Min(password.Length + 1, KeyMaxBytes)];
        password.AsSpan(0, Math.Min(password.Length, key.Length)).CopyTo(key);
        var state = BlowfishTables.All.ToArray();
        Span<uint> keyWords = stackalloc uint[BlowfishTables.Subkeys];
        var at = 0;
        for (var i = 0; i < keyWords.Length; i++)
            keyWords[i] = NextWord(key, ref at);
        Span<uint> salt = stackalloc uint[SaltBytes / 4];
        for (var i = 0; i < salt.Length; i++)
            salt[i] = BinaryPrimitives.ReadUInt32BigEndian(_salt.AsSpan(i * 4));
        Span<uint> saltWords = stackalloc uint[BlowfishTables.Subkeys];
        for (var i = 0; i < saltWords.Length; i++)
            saltWords[i] = salt[i % salt.Length];
        Span<uint> none = stackalloc uint[SaltBytes / 4];
        none.Clear();
        Expand(state, keyWords, salt);
        for (var round = 0L; round < 1L << _cost; round++)
        {
            Expand(state, keyWords, none);
            Expand(state, saltWords, none);
        }
        Span<uint> text = stackalloc uint[s_text.Length];
        s_text.CopyTo(text);
        for (var i = 0; i < text.Length; i += 2)
        {
            for (var n = 0; n < 64; n++)
                Encrypt(state, ref text[i], ref text[i + 1]);
        }
        var result = new byte[text.Length * 4];
        for (var i = 0; i < text.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(result.AsSpan(i * 4), text[i]);
        return result[..HashBytes];
    }

    private static uint NextWord(ReadOnlySpan<byte> bytes, ref int at)
    {
        uint word = 0;
        for (var i = 0; i < 4; i++)
        {
            word = (word << 8) | bytes[at];
            at = (at + 1) % bytes.Length;
        }
        return word;
    }

    private static void Expand(uint[] state, ReadOnlySpan<uint> key, ReadOnlySpan<uint> salt)
    {
        for (var i = 0; i < BlowfishTables.Subkeys; i++)
            state[i] ^= key[i];
        uint left = 0, right = 0;
        for (var i = 0; i < state.Length; i += 2)
        {
            left ^= salt[i % 4];
            right ^= salt[(i + 1) % 4];
            Encrypt(state, ref left, ref right);
            state[i] = left;
            state[i + 1] = right;
        }
    }

    private static void Encrypt(uint[] state, ref uint left, ref uint right)
    {
        var (l, r) = (left, right);
        for (var i = 0; i < BlowfishTables.Subkeys - 2; i += 2)
        {
            l ^= state[i];
            r ^= Mix(state, l);
            r ^= state[i + 1];
            l ^= Mix(state, r);
        }
        left = r ^ state[BlowfishTables.Subkeys - 1];
        right = l ^ state[BlowfishTables.Subkeys - 2];
    }

    private static uint Mix(uint[] state, uint word)
    {
        const int boxes = BlowfishTables.Subkeys;
        return ((state[boxes + (int)(word >> 24)] + state[boxes + 256 + (int)((word >> 16) & 255)]) ^ state[boxes + 512 + (int)((word >> 8) & 255)])
            + state[boxes + 768 + (int)(word & 255)];
    }

    private static byte[]? Decode(ReadOnlySpan<char> text, int length)
    {
        var bytes = new byte[length];
        int bits = 0, filled = 0, count = 0;
        foreach (var c in text)
        {
            var value = Alphabet.IndexOf(c);
            if (value < 0)
                return null;
            bits = (bits << 6) | value;
            filled += 6;
            if (filled < 8)
                continue;
            filled -= 8;
            if (count < length)
                bytes[count++] = (byte)(bits >> filled);
            bits &= (1 << filled) - 1;
        }
        return count == length ? bytes : null;
    }
}
