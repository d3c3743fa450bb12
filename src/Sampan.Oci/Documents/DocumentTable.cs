using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Sampan.Oci.Documents;

/// <summary>
/// A JSON text as a flat table of its values, in order. Read in one pass without reflection: what starts a container is a new process each time,
/// and there the metadata that a serializer builds for its types costs ten times what the reading does.
/// </summary>
public sealed class DocumentTable
{
    // Room for any sound document; a text of millions of values is a mistake or an attack.
    private const int MaxEntries = 2_000_000;
    private const int BytesPerEntry = 12;
    private const int SmallestTable = 16;

    private readonly ReadOnlyMemory<byte> _text;
    private Entry[] _entries;
    private int _count;

    /// <summary>A value, or the name of a member, which stands before its value.</summary>
    internal readonly record struct Entry(JsonTokenType Kind, int Start, int Length, int Next);

    private DocumentTable(ReadOnlyMemory<byte> text)
    {
        _text = text;
        _entries = new Entry[Math.Max(SmallestTable, text.Length / BytesPerEntry)];
    }

    /// <summary>Reads a text.</summary>
    /// <returns>Its outermost value.</returns>
    /// <exception cref="JsonException">It is no JSON, nests deeper than 64, or has more than two million values.</exception>
    public static DocumentValue Parse(ReadOnlyMemory<byte> text)
    {
        var table = new DocumentTable(text);
        var reader = new Utf8JsonReader(text.Span);
        table.Fill(ref reader);
        return new DocumentValue(table, 0);
    }

    internal Entry this[int index] => _entries[index];

    internal ReadOnlySpan<byte> Bytes(int index) => _text.Span.Slice(_entries[index].Start, _entries[index].Length);

    /// <summary>The text of a name or of a string, its escapes resolved.</summary>
    internal string Text(int index)
    {
        var reader = At(index);
        try
        {
            return reader.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            throw Failure(index, "System.String"); // no UTF-8, or half a surrogate pair
        }
    }

    /// <summary>Whether a name is this one.</summary>
    internal bool IsName(int index, ReadOnlySpan<byte> name)
    {
        var inner = Bytes(index)[1..^1];
        if (!inner.Contains((byte)'\\'))
            return inner.SequenceEqual(name);
        var reader = At(index);
        return reader.ValueTextEquals(name);
    }

    /// <summary>A reader that stands on one string, number, true, false or null.</summary>
    internal Utf8JsonReader At(int index)
    {
        var reader = new Utf8JsonReader(Bytes(index));
        reader.Read();
        return reader;
    }

    /// <summary>The error for a value that is not of the type that is wanted, in the words of the serializer.</summary>
    internal JsonException Failure(int index, string type)
    {
        var before = _text.Span[.._entries[index].Start];
        var line = before.Count((byte)'\n');
        var column = before.Length - (before.LastIndexOf((byte)'\n') + 1);
        var path = PathOf(index);
        var message = string.Create(CultureInfo.InvariantCulture, $"The JSON value could not be converted to {type}. Path: {path} | LineNumber: {line} | BytePositionInLine: {column}.");
        return new JsonException(message, path, line, column);
    }

    private void Fill(ref Utf8JsonReader reader)
    {
        Span<int> open = stackalloc int[JsonReaderOptionsDepth + 1];
        var depth = 0;
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
            {
                var start = open[--depth];
                _entries[start] = _entries[start] with { Next = _count };
                continue;
            }
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                open[depth++] = _count;
            Add(reader.TokenType, (int)reader.TokenStartIndex, (int)(reader.BytesConsumed - reader.TokenStartIndex));
        }
    }

    private const int JsonReaderOptionsDepth = 64;

    private void Add(JsonTokenType kind, int start, int length)
    {
        if (_count == MaxEntries)
            throw new JsonException($"The document has more than {MaxEntries} values.");
        if (_count == _entries.Length)
            Array.Resize(ref _entries, _count * 2);
        // What follows a name's text up to its colon belongs to the token as the reader has it.
        if (kind == JsonTokenType.PropertyName)
            length = _text.Span.Slice(start, length).LastIndexOf((byte)'"') + 1;
        _entries[_count] = new Entry(kind, start, length, _count + 1);
        _count++;
    }

    // As it stands there: a name that is no text must not fail the telling of its own failure.
    private string NameOf(int index) => Encoding.UTF8.GetString(Bytes(index)[1..^1]);

    // From the root down, each time into the member or element that spans the index.
    private string PathOf(int index)
    {
        var path = new StringBuilder("$");
        var at = 0;
        while (at != index)
        {
            var isObject = _entries[at].Kind == JsonTokenType.StartObject;
            var child = at + 1;
            for (var position = 0; ; position++)
            {
                var value = isObject ? child + 1 : child;
                if (index >= child && index < _entries[value].Next)
                {
                    _ = isObject ? path.Append('.').Append(NameOf(child)) : path.Append('[').Append(position).Append(']');
                    at = index == child ? index : value;
                    break;
                }
                child = _entries[value].Next;
            }
        }
        return path.ToString();
    }
}
