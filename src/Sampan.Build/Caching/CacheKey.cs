using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Sampan.Storage.Images;

namespace Sampan.Build.Caching;

/// <summary>
/// The key of a step: a digest of all that its result depends on. Each part goes in with its length, so that no two lists of parts look
/// alike (CVE-2024-24557: a key that leaves out part of a configuration lets somebody else's image in).
/// </summary>
internal sealed class CacheKey
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <param name="kind">What sort of step.</param>
    /// <param name="below">The files it begins with; null: none.</param>
    internal CacheKey(string kind, ImageRecord? below)
    {
        Add("sampan build 1", kind, below?.Config.Platform.ToString() ?? "", below is { Layers.Count: > 0 } ? below.Layers[^1].ChainId.ToString() : "");
    }

    internal CacheKey Add(params ReadOnlySpan<string?> parts)
    {
        foreach (var part in parts)
            Add(part is null ? null : Encoding.UTF8.GetBytes(part));
        return this;
    }

    /// <summary>Adds a list, so that it cannot be taken for another one and its neighbours.</summary>
    internal CacheKey AddAll(IEnumerable<string> parts)
    {
        var all = parts.ToArray();
        return Add(all.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)).Add(all);
    }

    internal CacheKey Add(byte[]? bytes)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes?.Length ?? -1);
        _hash.AppendData(length);
        _hash.AppendData(bytes ?? []);
        return this;
    }

    /// <summary>64 hexadecimal digits.</summary>
    internal string Finish() => Convert.ToHexStringLower(_hash.GetHashAndReset());
}
