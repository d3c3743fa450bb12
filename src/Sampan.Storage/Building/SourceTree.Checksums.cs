using System.Security.Cryptography;
using System.Text;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Building;

/// <content>What a tree's content is known by.</content>
public sealed partial class SourceTree
{
    /// <summary>
    /// A checksum of an entry and all below: names, kinds, permissions, owners, contents, links' targets; not times. Two entries with one checksum
    /// give the same files when they are copied.
    /// </summary>
    /// <param name="entry">Of this tree.</param>
    /// <param name="excludes">What is left out, by its path below the entry.</param>
    public static byte[] Checksum(SourceEntry entry, Func<string, bool>? excludes = null) => Checksum(entry, excludes, isShape: false);

    /// <summary>The same without reading what is still with the client: of such a content the size counts. Two entries with one checksum have one shape.</summary>
    /// <param name="entry">Of this tree.</param>
    /// <param name="excludes">What is left out, by its path below the entry.</param>
    public static byte[] Shape(SourceEntry entry, Func<string, bool>? excludes = null) => Checksum(entry, excludes, isShape: true);

    private static byte[] Checksum(SourceEntry entry, Func<string, bool>? excludes, bool isShape)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, entry, "", excludes, isShape);
        return hash.GetHashAndReset();
    }

    /// <summary>Whether some content of an entry and all below is still with the client: a checksum would have to read it.</summary>
    /// <param name="entry">Of this tree.</param>
    /// <param name="excludes">What is left out, by its path below the entry.</param>
    public static bool IsComing(SourceEntry entry, Func<string, bool>? excludes = null) => IsComing(entry, "", excludes);

    private static bool IsComing(SourceEntry entry, string path, Func<string, bool>? excludes)
    {
        if (entry.Coming is not null)
            return true;
        foreach (var child in List(entry))
        {
            if (child.Kind != SourceKind.Directory && child.Coming is null)
                continue;
            var below = path.Length == 0 ? child.Name : path + "/" + child.Name;
            if ((child.Kind == SourceKind.Directory || excludes?.Invoke(below) != true) && IsComing(child, below, excludes))
                return true;
        }
        return false;
    }

    /// <summary>What a checksum is made of, by path, in words: kind, permissions, owner, content.</summary>
    /// <param name="entry">Of this tree.</param>
    /// <param name="excludes">What is left out, by its path below the entry.</param>
    public static IEnumerable<(string Path, string Look)> Describe(SourceEntry entry, Func<string, bool>? excludes = null) => Describe(entry, "", excludes);

    private static IEnumerable<(string Path, string Look)> Describe(SourceEntry entry, string path, Func<string, bool>? excludes)
    {
        var facts = entry.Facts;
        var content = entry.Kind == SourceKind.File ? Convert.ToHexStringLower(entry.Hash().AsSpan(0, 8)) : RawName.Show(facts.LinkName);
        yield return (path, $"{facts.Kind} {Convert.ToString((int)facts.Mode, 8)} {facts.Uid}:{facts.Gid} {content}");
        foreach (var child in List(entry))
        {
            var below = path.Length == 0 ? child.Name : path + "/" + child.Name;
            if (excludes?.Invoke(below) == true && child.Kind != SourceKind.Directory)
                continue;
            foreach (var described in Describe(child, below, excludes))
                yield return described;
        }
    }

    private static void Append(IncrementalHash hash, SourceEntry entry, string path, Func<string, bool>? excludes, bool isShape)
    {
        var facts = entry.Facts;
        hash.AppendData(Encoding.UTF8.GetBytes($"{facts.Kind} {path.Length}:{path} {(int)facts.Mode} {facts.Uid} {facts.Gid} {facts.DeviceMajor} {facts.DeviceMinor} {facts.LinkName.Length}:{facts.LinkName}\n"));
        foreach (var (name, value) in facts.Attributes)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name.Length}:{name} {value.Length}:"));
            hash.AppendData(value);
        }
        if (entry.Kind == SourceKind.File)
            hash.AppendData(isShape && entry.Coming is not null ? BitConverter.GetBytes(entry.Size) : entry.Hash());
        foreach (var child in List(entry))
        {
            var below = path.Length == 0 ? child.Name : path + "/" + child.Name;
            if (excludes?.Invoke(below) != true || child.Kind == SourceKind.Directory)
                Append(hash, child, path.Length == 0 ? child.RawLastName : path + "/" + child.RawLastName, excludes, isShape);
        }
    }
}
