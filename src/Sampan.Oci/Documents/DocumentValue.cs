using System.Buffers.Text;
using System.Collections.ObjectModel;
using System.Text.Json;

namespace Sampan.Oci.Documents;

/// <summary>
/// A value of a <see cref="DocumentTable"/>, or the lack of one. What is missing reads as the specification's default; what is there must be of the
/// type that is asked for. All members throw <see cref="JsonException"/>, with path and line, if it is not.
/// </summary>
public readonly struct DocumentValue
{
    private const int Missing = -1;

    private readonly DocumentTable _table;
    private readonly int _index;

    internal DocumentValue(DocumentTable table, int index)
    {
        _table = table;
        _index = index;
    }

    /// <summary>The value of a member of this object; the last one if it is there twice.</summary>
    public DocumentValue this[ReadOnlySpan<byte> name]
    {
        get
        {
            var found = Missing;
            for (var member = _index + 1; member < _table[_index].Next; member = _table[member + 1].Next)
            {
                if (_table.IsName(member, name))
                    found = member + 1;
            }
            return new DocumentValue(_table, found);
        }
    }

    /// <summary>A string; empty if missing or null.</summary>
    public string Text() => TextOrNull() ?? "";

    /// <summary>A string, or null.</summary>
    public string? TextOrNull() => IsMissingOrNull ? null : Kind == JsonTokenType.String ? _table.Text(_index) : throw Not("System.String");

    /// <summary>True or false; false if missing.</summary>
    public bool Boolean() => _index != Missing && Read(Kind switch { JsonTokenType.True => true, JsonTokenType.False => false, _ => (bool?)null }, "System.Boolean");

    /// <summary>True, false or null.</summary>
    public bool? BooleanOrNull() => IsMissingOrNull ? null : Boolean();

    /// <summary>A whole number; 0 if missing.</summary>
    public int Int32() => _index == Missing ? 0 : Read<int>(IsNumber(out var bytes) && Utf8Parser.TryParse(bytes, out int number, out var read) && read == bytes.Length ? number : null, "System.Int32");

    /// <summary>A whole number, or null.</summary>
    public int? Int32OrNull() => IsMissingOrNull ? null : Int32();

    /// <summary>A whole number; 0 if missing.</summary>
    public long Int64() => _index == Missing ? 0 : Read<long>(IsNumber(out var bytes) && Utf8Parser.TryParse(bytes, out long number, out var read) && read == bytes.Length ? number : null, "System.Int64");

    /// <summary>A whole number, or null.</summary>
    public long? Int64OrNull() => IsMissingOrNull ? null : Int64();

    /// <summary>A whole number that is not negative; 0 if missing.</summary>
    public uint UInt32() => _index == Missing ? 0 : Read<uint>(IsNumber(out var bytes) && Utf8Parser.TryParse(bytes, out uint number, out var read) && read == bytes.Length ? number : null, "System.UInt32");

    /// <summary>A whole number that is not negative, or null.</summary>
    public uint? UInt32OrNull() => IsMissingOrNull ? null : UInt32();

    /// <summary>A whole number that is not negative; 0 if missing.</summary>
    public ulong UInt64() => _index == Missing ? 0 : Read<ulong>(IsNumber(out var bytes) && Utf8Parser.TryParse(bytes, out ulong number, out var read) && read == bytes.Length ? number : null, "System.UInt64");

    /// <summary>A whole number that is not negative, or null.</summary>
    public ulong? UInt64OrNull() => IsMissingOrNull ? null : UInt64();

    /// <summary>A whole number up to 65535, or null.</summary>
    public ushort? UInt16OrNull() => IsMissingOrNull ? null
        : Read<ushort>(IsNumber(out var bytes) && Utf8Parser.TryParse(bytes, out ushort number, out var read) && read == bytes.Length ? number : null, "System.UInt16");

    /// <summary>A moment in ISO 8601.</summary>
    public DateTimeOffset Time()
    {
        if (_index == Missing || Kind != JsonTokenType.String)
            throw Not("System.DateTimeOffset");
        var reader = _table.At(_index);
        return Read<DateTimeOffset>(reader.TryGetDateTimeOffset(out var time) ? time : null, "System.DateTimeOffset");
    }

    /// <summary>An object, or null.</summary>
    /// <param name="read">Makes it of its members.</param>
    public T? Object<T>(Func<DocumentValue, T> read)
        where T : class
        => IsMissingOrNull ? null : Kind == JsonTokenType.StartObject ? read(this) : throw Not(typeof(T).Name);

    /// <summary>Strings; none if missing or null.</summary>
    public IReadOnlyList<string> Texts() => List(static one => one.Element().Text());

    /// <summary>Objects; none if missing or null.</summary>
    /// <param name="read">Makes one of its members.</param>
    public IReadOnlyList<T> Objects<T>(Func<DocumentValue, T> read)
        where T : class
        => List(one => one.Object(read) ?? throw one.Not(typeof(T).Name));

    /// <summary>Values; none if missing or null.</summary>
    /// <param name="read">Reads one.</param>
    public IReadOnlyList<T> List<T>(Func<DocumentValue, T> read)
    {
        if (IsMissingOrNull)
            return [];
        if (Kind != JsonTokenType.StartArray)
            throw Not("System.Collections.Generic.IReadOnlyList");
        var end = _table[_index].Next;
        var count = 0;
        for (var at = _index + 1; at < end; at = _table[at].Next)
            count++;
        if (count == 0)
            return [];
        var list = new T[count];
        var next = 0;
        for (var at = _index + 1; at < end; at = _table[at].Next)
            list[next++] = read(new DocumentValue(_table, at));
        return list;
    }

    /// <summary>Strings by name; none if missing or null.</summary>
    public IReadOnlyDictionary<string, string> TextsByName() => ByName(static one => one.Text());

    /// <summary>Objects by name; none if missing or null.</summary>
    /// <param name="read">Makes one of its members.</param>
    public IReadOnlyDictionary<string, T> ObjectsByName<T>(Func<DocumentValue, T> read)
        where T : class
        => ByName(one => one.Object(read) ?? throw one.Not(typeof(T).Name));

    private ReadOnlyDictionary<string, T> ByName<T>(Func<DocumentValue, T> read)
    {
        if (IsMissingOrNull)
            return ReadOnlyDictionary<string, T>.Empty;
        if (Kind != JsonTokenType.StartObject)
            throw Not("System.Collections.Generic.IReadOnlyDictionary");
        var map = new Dictionary<string, T>(StringComparer.Ordinal);
        for (var member = _index + 1; member < _table[_index].Next; member = _table[member + 1].Next)
            map[_table.Text(member)] = read(new DocumentValue(_table, member + 1));
        return map.AsReadOnly();
    }

    private JsonTokenType Kind => _table[_index].Kind;

    private bool IsMissingOrNull => _index == Missing || Kind == JsonTokenType.Null;

    private bool IsNumber(out ReadOnlySpan<byte> bytes)
    {
        bytes = Kind == JsonTokenType.Number ? _table.Bytes(_index) : default;
        return bytes.Length > 0;
    }

    /// <summary>A list has no gaps: null is no element.</summary>
    private DocumentValue Element() => Kind == JsonTokenType.Null ? throw Not("System.String") : this;

    private T Read<T>(T? value, string type)
        where T : struct
        => value ?? throw Not(type);

    private JsonException Not(string type) => _index == Missing ? new JsonException($"The JSON value could not be converted to {type}. Path: $ | LineNumber: 0 | BytePositionInLine: 0.", "$", 0, 0) : _table.Failure(_index, type);
}
