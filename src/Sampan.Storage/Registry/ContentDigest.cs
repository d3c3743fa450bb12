using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Sampan.Oci.Images;

namespace Sampan.Storage.Registry;

/// <summary>
/// The address of what a registry stores, by any algorithm that it takes: <c>sha256</c> with 64 or <c>sha512</c> with 128 lower-case
/// hexadecimal digits. The engine's own images are addressed by <see cref="Digest"/>, which is SHA-256 alone. Valid by construction; only
/// the default value is empty.
/// </summary>
public readonly record struct ContentDigest
{
    /// <summary>The algorithm that everybody has.</summary>
    public const string Sha256 = "sha256";

    /// <summary>The other registered one.</summary>
    public const string Sha512 = "sha512";

    private readonly string? _text;

    private ContentDigest(string text) => _text = text;

    /// <summary><see cref="Sha256"/> or <see cref="Sha512"/>.</summary>
    public string Algorithm => _text is null ? "" : _text[..Sha256.Length];

    /// <summary>The hexadecimal digits.</summary>
    public string Hex => _text is null ? "" : _text[(Sha256.Length + 1)..];

    /// <summary>A name for a file, without a colon: <c>sha256-HEX</c>.</summary>
    internal string FileName => $"{Algorithm}-{Hex}";

    /// <summary>True if there is such an algorithm here.</summary>
    public static bool IsAlgorithm(string? algorithm) => algorithm is Sha256 or Sha512;

    /// <summary>Reads <c>ALGORITHM:HEX</c>; false if the text is anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ContentDigest digest)
    {
        digest = default;
        if (text is null)
            return false;
        var colon = text.IndexOf(':');
        if (colon < 0 || !IsAlgorithm(text[..colon]) || text.Length - colon - 1 != HexLength(text[..colon]) || !Digest.IsLowerHex(text.AsSpan(colon + 1)))
            return false;
        digest = new ContentDigest(text);
        return true;
    }

    /// <summary>The digest of <paramref name="content"/>.</summary>
    /// <param name="algorithm"><see cref="Sha256"/> or <see cref="Sha512"/>.</param>
    /// <param name="content">The bytes.</param>
    public static ContentDigest Of(string algorithm, ReadOnlySpan<byte> content) =>
        FromHash(algorithm, algorithm == Sha512 ? SHA512.HashData(content) : SHA256.HashData(content));

    /// <summary>As it was read.</summary>
    public override string ToString() => _text ?? "";

    internal static ContentDigest FromHash(string algorithm, ReadOnlySpan<byte> hash) => new($"{algorithm}:{Convert.ToHexStringLower(hash)}");

    internal static bool TryParseFileName(string name, out ContentDigest digest) =>
        TryParse(name.Length > Sha256.Length && name[Sha256.Length] == '-' ? $"{name[..Sha256.Length]}:{name[(Sha256.Length + 1)..]}" : null, out digest);

    internal static HashAlgorithmName HashOf(string algorithm) => algorithm == Sha512 ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256;

    internal static int HexLength(string algorithm) => algorithm == Sha512 ? 2 * SHA512.HashSizeInBytes : 2 * SHA256.HashSizeInBytes;
}
