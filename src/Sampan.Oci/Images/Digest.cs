using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace Sampan.Oci.Images;

/// <summary>
/// The address of a blob: <c>sha256:</c> and 64 lower-case hexadecimal digits. Valid by construction; only the default value is empty.
/// See <see href="https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests">image-spec, digests</see>.
/// </summary>
[JsonConverter(typeof(DigestJsonConverter))]
public readonly record struct Digest
{
    /// <summary>The one algorithm that every registry and engine supports, with its separator.</summary>
    private const string Prefix = "sha256:";

    private const int HexLength = 64;

    private readonly string? _text;

    private Digest(string text) => _text = text;

    /// <summary>True for the default value, which addresses nothing.</summary>
    public bool IsEmpty => _text is null;

    /// <summary>The 64 hexadecimal digits.</summary>
    public string Hex => _text is null ? "" : _text[Prefix.Length..];

    /// <summary>The first twelve hexadecimal digits, as people see identities in lists.</summary>
    public string Short => _text is null ? "" : _text.Substring(Prefix.Length, 12);

    /// <summary>The digest of <paramref name="content"/>.</summary>
    public static Digest Of(ReadOnlySpan<byte> content) => FromHash(SHA256.HashData(content));

    /// <summary>Wraps a finished SHA-256 hash.</summary>
    /// <param name="hash">32 bytes.</param>
    public static Digest FromHash(ReadOnlySpan<byte> hash) =>
        hash.Length == SHA256.HashSizeInBytes
            ? new Digest(Prefix + Convert.ToHexStringLower(hash))
            : throw new ArgumentException($"a SHA-256 hash has 32 bytes, not {hash.Length}", nameof(hash));

    /// <summary>Reads <c>sha256:…</c>.</summary>
    /// <exception cref="FormatException">The text is no SHA-256 digest.</exception>
    public static Digest Parse(string text) =>
        TryParse(text, out var digest) ? digest : throw new FormatException($"invalid digest '{text}': want 'sha256:' and 64 lower-case hexadecimal digits");

    /// <summary>Reads <c>sha256:…</c>; false if the text is anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Digest digest)
    {
        digest = default;
        if (text is null || text.Length != Prefix.Length + HexLength || !text.StartsWith(Prefix, StringComparison.Ordinal)
            || !IsLowerHex(text.AsSpan(Prefix.Length)))
            return false;
        digest = new Digest(text);
        return true;
    }

    /// <summary>Reads the 64 digits without the algorithm.</summary>
    public static bool TryParseHex([NotNullWhen(true)] string? hex, out Digest digest) => TryParse(Prefix + hex, out digest);

    /// <summary>True if all of <paramref name="text"/> is 0–9 or a–f.</summary>
    public static bool IsLowerHex(ReadOnlySpan<char> text) => text.IndexOfAnyExcept("0123456789abcdef") < 0;

    /// <summary>The whole digest with its algorithm; empty for the default value.</summary>
    public override string ToString() => _text ?? "";
}
