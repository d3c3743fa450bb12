using System.Text;

namespace Sampan.Cli.Commands.Images.Agents;

/// <summary>A private key of a file, which never leaves this machine: one of ed25519 this process, others an agent of OpenSSH that it starts (<see cref="HeldKey"/>).</summary>
internal abstract class PrivateKey : IDisposable
{
    protected const int MaxBytes = 64 * 1024;
    private const string OpenSshHead = "-----BEGIN OPENSSH PRIVATE KEY-----";
    private const string OpenSshFoot = "-----END OPENSSH PRIVATE KEY-----";

    private static readonly string[] s_pemHeads = ["-----BEGIN RSA PRIVATE KEY-----", "-----BEGIN EC PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----"];

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
            // A pipe does not say how long it is.
            if (Encoding.UTF8.GetByteCount(text) > MaxBytes) throw new InvalidDataException("it is too large");
            if (text.Contains(OpenSshHead, StringComparison.Ordinal))
            {
                if (OpenSsh(text) is { } own) return own;
            }
            else
            {
                CheckPem(text);
            }
            return HeldKey.Of(text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"cannot read SSH key '{path}': {e.Message}");
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or ArgumentException)
        {
            throw new CommandException($"'{path}' is no SSH key that can be forwarded: {(e is InvalidDataException ? e.Message : "it is damaged")}");
        }
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }

    // Null: a kind whose signatures OpenSSH makes.
    private static Ed25519Key? OpenSsh(string text)
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
            case "ssh-rsa" or "ecdsa-sha2-nistp256" or "ecdsa-sha2-nistp384" or "ecdsa-sha2-nistp521":
                return null;
            default:
                throw new InvalidDataException($"keys of the kind '{kind}' are not supported: use ed25519, ecdsa or rsa, or forward an agent");
        }
    }

    private static void CheckPem(string text)
    {
        if (text.Contains("ENCRYPTED", StringComparison.Ordinal)) throw Protected();
        if (!s_pemHeads.Any(head => text.Contains(head, StringComparison.Ordinal))) throw new InvalidDataException("expected an OpenSSH or PEM private key");
    }

    private static InvalidDataException Protected() => new("it is protected by a passphrase: add it to an agent (ssh-add), and forward that");

    private sealed class Ed25519Key(byte[] seed) : PrivateKey
    {
        public override byte[] PublicBlob { get; } = AgentMessage.Fields(AgentMessage.Text("ssh-ed25519"), Ed25519.PublicKey(seed));

        public override byte[] Sign(ReadOnlySpan<byte> data, uint flags) => AgentMessage.Fields(AgentMessage.Text("ssh-ed25519"), Ed25519.Sign(seed, data));

        public override void Dispose() => Array.Clear(seed);
    }
}
