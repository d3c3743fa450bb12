using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Sampan.Linux.Files;

namespace Sampan.Storage.Archives;

/// <summary>
/// The records of an extended header, each <c>LENGTH KEY=VALUE\n</c> where LENGTH counts the whole record:
/// <c>30 mtime=1350244992.023960108\n</c>.
/// See <see href="https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html">pax</see>, extended header.
/// </summary>
internal sealed class PaxRecords
{
    private const string AttributePrefix = "SCHILY.xattr.";

    internal string? Path { get; private set; }

    internal string? LinkPath { get; private set; }

    internal long? Size { get; private set; }

    internal long? Uid { get; private set; }

    internal long? Gid { get; private set; }

    internal FileTime? Modified { get; private set; }

    /// <summary>Something about a sparse file was said.</summary>
    internal bool IsSparse { get; private set; }

    /// <summary>The file's own name; <see cref="Path"/> is then made up for readers that know no sparse files.</summary>
    internal string? SparseName { get; private set; }

    /// <summary>Its size with the holes.</summary>
    internal long? SparseSize { get; private set; }

    /// <summary>1: the map stands before the content; 0: it is here.</summary>
    internal long SparseMajor { get; private set; }

    /// <summary>The map of versions 0.0 and 0.1.</summary>
    internal List<(long Offset, long Length)>? SparseParts { get; private set; }

    private readonly List<long> _sparseNumbers = [];

    internal List<KeyValuePair<string, byte[]>> Attributes { get; } = [];

    /// <summary>Reads all records; returns null and the reason if one of them is malformed.</summary>
    internal static PaxRecords? TryParse(ReadOnlySpan<byte> data, out string reason)
    {
        var records = new PaxRecords();
        reason = "";
        while (data.Length > 0)
        {
            if (!Utf8Parser.TryParse(data, out int length, out var digits) || digits == 0 || length > data.Length || length < digits + 3
                || data[digits] != (byte)' ' || data[length - 1] != (byte)'\n')
            {
                reason = "malformed extended header record";
                return null;
            }
            var record = data[(digits + 1)..(length - 1)];
            var equals = record.IndexOf((byte)'=');
            if (equals <= 0)
            {
                reason = "extended header record without key";
                return null;
            }
            var key = RawName.Of(record[..equals]);
            if (!records.TryAdd(key, record[(equals + 1)..]))
            {
                reason = $"bad value of extended header record '{RawName.Show(key)}'";
                return null;
            }
            data = data[length..];
        }
        // Version 0.0 has a record for each number.
        if (records._sparseNumbers.Count > 0)
            records.SparseParts = SparseMap.Pair(records._sparseNumbers);
        return records;
    }

    /// <summary>Appends one record.</summary>
    internal static void Append(Stream output, string key, ReadOnlySpan<byte> value)
    {
        var name = Encoding.UTF8.GetBytes(key);
        // The length counts its own digits: 9 more characters may need one more digit.
        var rest = name.Length + value.Length + 3;
        var length = rest + rest.ToString(CultureInfo.InvariantCulture).Length;
        if (rest + length.ToString(CultureInfo.InvariantCulture).Length != length)
            length++;
        output.Write(Encoding.ASCII.GetBytes($"{length} "));
        output.Write(name);
        output.WriteByte((byte)'=');
        output.Write(value);
        output.WriteByte((byte)'\n');
    }

    internal static void AppendAttribute(Stream output, string name, ReadOnlySpan<byte> value) => Append(output, AttributePrefix + name, value);

    /// <summary>A time with a decimal fraction; more than nine digits of it are cut.</summary>
    internal static bool TryTime(ReadOnlySpan<byte> text, out FileTime time)
    {
        time = default;
        var point = text.IndexOf((byte)'.');
        var whole = point < 0 ? text : text[..point];
        var fraction = point < 0 ? [] : text[(point + 1)..];
        var negative = whole.StartsWith("-"u8);
        if (!Utf8Parser.TryParse(whole, out long seconds, out var used) || used != whole.Length)
            return false;
        var nanoseconds = 0;
        for (var i = 0; i < 9; i++)
        {
            var digit = i < fraction.Length ? fraction[i] - '0' : 0;
            if (digit is < 0 or > 9)
                return false;
            nanoseconds = nanoseconds * 10 + digit;
        }
        // -1.25 is 0.75 after -2.
        time = negative && nanoseconds > 0 ? new(seconds - 1, 1_000_000_000 - nanoseconds) : new(seconds, nanoseconds);
        return true;
    }

    private bool TryAdd(string key, ReadOnlySpan<byte> value)
    {
        switch (key)
        {
            case "path":
                Path = RawName.Of(value);
                return !value.Contains((byte)0);
            case "linkpath":
                LinkPath = RawName.Of(value);
                return !value.Contains((byte)0);
            case "size":
                Size = TryNumber(value, out var size) ? size : -1;
                return Size >= 0;
            case "uid":
                Uid = TryNumber(value, out var uid) ? uid : -1;
                return Uid >= 0;
            case "gid":
                Gid = TryNumber(value, out var gid) ? gid : -1;
                return Gid >= 0;
            case "mtime":
                Modified = TryTime(value, out var time) ? time : null;
                return Modified is not null;
            default:
                if (key.StartsWith("GNU.sparse.", StringComparison.Ordinal))
                    return TryAddSparse(key["GNU.sparse.".Length..], value);
                if (key.StartsWith(AttributePrefix, StringComparison.Ordinal))
                    Attributes.Add(new(key[AttributePrefix.Length..], value.ToArray()));
                // POSIX: a reader ignores keywords it does not know.
                return true;
        }
    }

    private bool TryAddSparse(string key, ReadOnlySpan<byte> value)
    {
        IsSparse = true;
        long number = 0;
        if (key is not ("name" or "map") && (!TryNumber(value, out number) || number < 0))
            return false;
        switch (key)
        {
            case "name":
                SparseName = RawName.Of(value);
                return !value.Contains((byte)0);
            case "size" or "realsize":
                SparseSize = number;
                return true;
            case "major":
                SparseMajor = number;
                return number <= 1;
            case "map":
                SparseParts = SparseMap.TryReadList(value);
                return SparseParts is not null;
            case "offset" or "numbytes":
                // Offsets and lengths take turns.
                _sparseNumbers.Add(number);
                return _sparseNumbers.Count % 2 == (key == "offset" ? 1 : 0) && _sparseNumbers.Count <= 2 * SparseMap.MaxParts;
            default:
                return true;
        }
    }

    private static bool TryNumber(ReadOnlySpan<byte> text, out long value) =>
        Utf8Parser.TryParse(text, out value, out var used) && used == text.Length;
}
