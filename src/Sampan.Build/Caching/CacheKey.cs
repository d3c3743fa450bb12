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
    private readonly List<KeyValuePair<string, string>> _parts = [];
    private Func<IEnumerable<KeyValuePair<string, string>>>? _more;

    /// <param name="kind">What sort of step.</param>
    /// <param name="below">The files it begins with; null: none.</param>
    internal CacheKey(string kind, ImageRecord? below)
    {
        var files = below is { Layers.Count: > 0 } ? below.Layers[^1].ChainId.ToString() : "";
        Add("sampan build 1", kind, below?.Config.Platform.ToString() ?? "", files);
        Note("base", files);
    }

    /// <summary>What the step depends on, by names that people understand; for the explanation, not for the key.</summary>
    internal IEnumerable<KeyValuePair<string, string>> Parts() => _parts.Concat(_more?.Invoke() ?? []);

    /// <summary>Names a part that is added in another form.</summary>
    internal CacheKey Note(string name, string? value)
    {
        if (value is not null)
            _parts.Add(new(name, value));
        return this;
    }

    /// <summary>Names parts that are many: only asked for if somebody wants to know.</summary>
    internal CacheKey NoteLater(Func<IEnumerable<KeyValuePair<string, string>>> parts)
    {
        _more = parts;
        return this;
    }

    /// <summary>Adds lines <c>name=value</c> under names of their own.</summary>
    internal CacheKey AddVariables(string kind, IReadOnlyList<string> lines)
    {
        foreach (var line in lines)
        {
            var equals = line.IndexOf('=');
            Note($"{kind} {(equals < 0 ? line : line[..equals])}", equals < 0 ? "" : line[(equals + 1)..]);
        }
        return AddAll(lines);
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
