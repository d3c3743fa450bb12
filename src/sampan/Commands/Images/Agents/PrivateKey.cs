using System.Security.Cryptography;

namespace Sampan.Cli.Commands.Images.Agents;

/// <summary>A private key of a file, which never leaves this process.</summary>
internal abstract class PrivateKey : IDisposable
{
    private const int MaxBytes = 64 * 1024;
    private const string OpenSshHead = "-----BEGIN OPENSSH PRIVATE KEY-----";
    private const string OpenSshFoot = "-----END OPENSSH PRIVATE KEY-----";

    /// <summary>The public key as SSH writes it.</summary>
    public abstract byte[] PublicBlob { get; }

    /// <summary>Signs; null: not in the way that is asked for.</summary>
    /// <param name="data">What.</param>
    /// <param name="flags">For RSA: 2 is SHA-256, 4 SHA-512.</param>
    public abstract byte[]? Sign(ReadOnlySpan<byte> data, uint flags);

    /// <summary>Reads a file: OpenSSH's own form, or PEM (PKCS #1, #8, SEC 1).</summary>
    /// <exception cref="CommandException">It is none, is protected by a passphrase, or of an unknown kind; nothing of its content is told.</exception>
    public static PrivateKey Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes) throw new InvalidDataException("it is too large");
            string text = File.ReadAllText(path);
            return text.Contains(OpenSshHead, StringComparison.Ordinal) ? OpenSsh(text) : Pem(text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"cannot read SSH key '{path}': {e.Message}");
        }
        catch (Exception e) when (e is InvalidDataException or CryptographicException or FormatException or ArgumentException)
        {
            throw new CommandException($"'{path}' is no SSH key that can be forwarded: {(e is InvalidDataException ? e.Message : "it is damaged")}");
        }
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }

    private static PrivateKey OpenSsh(string text)
    {
        int begin = text.IndexOf(OpenSshHead, StringComparison.Ordinal) + OpenSshHead.Length;
        int end = text.IndexOf(OpenSshFoot, begin, StringComparison.Ordinal);
        byte[] bytes = Convert.FromBase64String(end < 0 ? throw new InvalidDataException("it ends too early") : text[begin..end]);
        ReadOnlySpan<byte> magic = "openssh-key-v1\0"u8;
        if (!bytes.AsSpan().StartsWith(magic)) throw new InvalidDataException("it is damaged");
        var outer = new FieldReader(bytes.AsSpan(magic.Length));
        string cipher = outer.Text();
        _ = (outer.Bytes(), outer.Bytes());
        if (cipher != "none") throw Protected();
        if (outer.Number() != 1) throw new InvalidDataException("it holds several keys");
        _ = outer.Bytes();
        var inner = new FieldReader(outer.Bytes());
        if (inner.Number() != inner.Number()) throw new InvalidDataException("it is damaged");
        string kind = inner.Text();
        switch (kind)
        {
            case "ssh-ed25519":
                _ = inner.Bytes();
                byte[] seed = inner.Bytes();
                return seed.Length == 2 * Ed25519.SeedBytes ? new Ed25519Key(seed[..Ed25519.SeedBytes]) : throw new InvalidDataException("it is damaged");
            case "ssh-rsa":
                var (n, e, d, inverse, p, q) = (inner.Bytes(), inner.Bytes(), inner.Bytes(), inner.Bytes(), inner.Bytes(), inner.Bytes());
                return new RsaKey(RsaKey.Import(n, e, d, inverse, p, q));
            case "ecdsa-sha2-nistp256" or "ecdsa-sha2-nistp384" or "ecdsa-sha2-nistp521":
                _ = inner.Bytes();
                var (point, scalar) = (inner.Bytes(), inner.Bytes());
                return new EllipticKey(EllipticKey.Import(kind, point, scalar));
            default:
                throw new InvalidDataException($"keys of the kind '{kind}' are not supported: use ed25519, ecdsa or rsa, or forward an agent");
        }
    }

    private static PrivateKey Pem(string text)
    {
        if (text.Contains("ENCRYPTED", StringComparison.Ordinal)) throw Protected();
        if (text.Contains("-----BEGIN RSA PRIVATE KEY-----", StringComparison.Ordinal)) return new RsaKey(Import(RSA.Create(), text));
        if (text.Contains("-----BEGIN EC PRIVATE KEY-----", StringComparison.Ordinal)) return new EllipticKey(Import(ECDsa.Create(), text));
        if (!text.Contains("-----BEGIN PRIVATE KEY-----", StringComparison.Ordinal)) throw new InvalidDataException("expected an OpenSSH or PEM private key");
        try
        {
            return new RsaKey(Import(RSA.Create(), text));
        }
        catch (CryptographicException)
        {
            return new EllipticKey(Import(ECDsa.Create(), text));
        }
    }

    private static T Import<T>(T key, string text)
        where T : AsymmetricAlgorithm
    {
        try
        {
            key.ImportFromPem(text);
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private static InvalidDataException Protected() => new("it is protected by a passphrase: add it to an agent (ssh-add), and forward that");

    private sealed class Ed25519Key(byte[] seed) : PrivateKey
    {
        public override byte[] PublicBlob { get; } = AgentMessage.Fields(AgentMessage.Text("ssh-ed25519"), Ed25519.PublicKey(seed));

        public override byte[] Sign(ReadOnlySpan<byte> data, uint flags) => AgentMessage.Fields(AgentMessage.Text("ssh-ed25519"), Ed25519.Sign(seed, data));

        public override void Dispose() => CryptographicOperations.ZeroMemory(seed);
    }

    private sealed class RsaKey(RSA key) : PrivateKey
    {
        public override byte[] PublicBlob
        {
            get
            {
                var parameters = key.ExportParameters(includePrivateParameters: false);
                return AgentMessage.Fields(AgentMessage.Text("ssh-rsa"), AgentMessage.Number(parameters.Exponent), AgentMessage.Number(parameters.Modulus));
            }
        }

        public static RSA Import(byte[] n, byte[] e, byte[] d, byte[] inverse, byte[] p, byte[] q)
        {
            byte[] modulus = Trim(n);
            int half = (modulus.Length + 1) / 2;
            var (secret, one) = (new System.Numerics.BigInteger(d, isUnsigned: true, isBigEndian: true), System.Numerics.BigInteger.One);
            byte[] Rest(byte[] prime) => Pad((secret % (new System.Numerics.BigInteger(prime, isUnsigned: true, isBigEndian: true) - one)).ToByteArray(isUnsigned: true, isBigEndian: true), half);
            return RSA.Create(new RSAParameters
            {
                Modulus = modulus,
                Exponent = Trim(e),
                D = Pad(Trim(d), modulus.Length),
                P = Pad(Trim(p), half),
                Q = Pad(Trim(q), half),
                DP = Rest(p),
                DQ = Rest(q),
                InverseQ = Pad(Trim(inverse), half),
            });
        }

        // Without a flag it would be SHA-1, which no server accepts any more.
        public override byte[]? Sign(ReadOnlySpan<byte> data, uint flags) => (flags & 4) != 0 ? Signed("rsa-sha2-512", data, HashAlgorithmName.SHA512)
            : (flags & 2) != 0 ? Signed("rsa-sha2-256", data, HashAlgorithmName.SHA256) : null;

        public override void Dispose() => key.Dispose();

        private byte[] Signed(string name, ReadOnlySpan<byte> data, HashAlgorithmName hash) =>
            AgentMessage.Fields(AgentMessage.Text(name), key.SignData(data, hash, RSASignaturePadding.Pkcs1));
    }

    private sealed class EllipticKey(ECDsa key) : PrivateKey
    {
        private string Curve => $"nistp{key.KeySize}";

        public override byte[] PublicBlob
        {
            get
            {
                var point = key.ExportParameters(includePrivateParameters: false).Q;
                return AgentMessage.Fields(AgentMessage.Text($"ecdsa-sha2-{Curve}"), AgentMessage.Text(Curve), [4, .. point.X ?? [], .. point.Y ?? []]);
            }
        }

        public static ECDsa Import(string kind, byte[] point, byte[] scalar)
        {
            var (curve, length) = kind[^3..] switch { "256" => (ECCurve.NamedCurves.nistP256, 32), "384" => (ECCurve.NamedCurves.nistP384, 48), _ => (ECCurve.NamedCurves.nistP521, 66) };
            if (point.Length != 1 + 2 * length || point[0] != 4) throw new InvalidDataException("it is damaged");
            return ECDsa.Create(new ECParameters { Curve = curve, Q = new ECPoint { X = point[1..(1 + length)], Y = point[(1 + length)..] }, D = Pad(Trim(scalar), length) });
        }

        public override byte[] Sign(ReadOnlySpan<byte> data, uint flags)
        {
            var hash = key.KeySize switch { 256 => HashAlgorithmName.SHA256, 384 => HashAlgorithmName.SHA384, _ => HashAlgorithmName.SHA512 };
            byte[] pair = key.SignData(data, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            int half = pair.Length / 2;
            return AgentMessage.Fields(AgentMessage.Text($"ecdsa-sha2-{Curve}"), AgentMessage.Fields(AgentMessage.Number(pair.AsSpan(0, half)), AgentMessage.Number(pair.AsSpan(half))));
        }

        public override void Dispose() => key.Dispose();
    }

    private static byte[] Trim(byte[] number) => number.AsSpan().TrimStart((byte)0).ToArray();

    private static byte[] Pad(byte[] number, int length) => number.Length < length ? [.. new byte[length - number.Length], .. number] : number;
}
