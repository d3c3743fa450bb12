using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;

namespace Sampan.Storage.Records;

/// <summary>
/// Records on disk: one directory per entity (mode 0700), in it one JSON file with a schema version, always wholly old or wholly new.
/// The entity's other files may lie beside it, in <see cref="DirectoryOf"/>. <c>ls</c> is the debugger.
/// <code>
/// ROOT/KEY/record.json      {"schema":1,"record":{…}}
/// ROOT/.removing-KEY-…/     a removal on its way, or one that a crash interrupted; finished at the next scan
/// ROOT/.ahead-KEY/          made for an entity to come, or one whose own name a power cut took back: the next scan gives it that name
/// </code>
/// </summary>
/// <remarks>Thread-safe for different keys; the caller orders changes of one key.</remarks>
public sealed partial class RecordDirectory<T>
    where T : class
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _root;
    private readonly string _fileName;
    private readonly int _schema;
    private readonly JsonTypeInfo<T> _json;
    private readonly RemovedTrees? _removed;

    /// <summary>Opens the directory and makes it if it is not there.</summary>
    /// <param name="root">The directory of all entities of the kind, for example <c>/var/lib/sampan/containers</c>.</param>
    /// <param name="fileName">The record's file in an entity's directory, for example <c>container.json</c>.</param>
    /// <param name="schema">The version of the record's shape; a file of a newer one counts as damaged, older ones are read.</param>
    /// <param name="json">How the record is read and written.</param>
    /// <param name="removed">Where removed entities are emptied; null: whoever removes one waits for it.</param>
    public RecordDirectory(string root, string fileName, int schema, JsonTypeInfo<T> json, RemovedTrees? removed = null)
    {
        _root = root;
        _fileName = fileName;
        _schema = schema;
        _json = json;
        _removed = removed;
        Directory.CreateDirectory(root, OwnerOnly);
    }

    /// <summary>Where the entity's files lie; the directory is there once the record was saved or <see cref="Prepare"/> was called.</summary>
    /// <exception cref="StorageException">InvalidInput: the key is no plain file name.</exception>
    public string DirectoryOf(string key) => Path.Combine(_root, Checked(key));

    /// <summary>Makes the entity's directory, so that files can be put there before the record; a directory without a record is removed by <see cref="Scan"/>.</summary>
    public string Prepare(string key)
    {
        var directory = DirectoryOf(key);
        if (!TakeAhead(key, directory))
            Directory.CreateDirectory(directory, OwnerOnly);
        return directory;
    }

    /// <summary>Writes the record, replacing an older one.</summary>
    /// <param name="key">A plain file name.</param>
    /// <param name="record">The record.</param>
    /// <param name="durable">True to survive a power cut (costs a disk flush); false to survive only the death of the process.</param>
    public void Save(string key, T record, bool durable)
    {
        var directory = Prepare(key);
        var content = Written(record);
        var path = Path.Combine(directory, _fileName);
        if (TryFill(key, path, content.WrittenSpan, durable))
            FailPoint.Changed("written", path);
        else
            SaveIn(directory, content, durable);
    }

    /// <summary>Writes the record into a directory that will be renamed to that of its entity.</summary>
    internal void SaveIn(string directory, T record) => SaveIn(directory, Written(record), durable: true);

    private void SaveIn(string directory, ArrayBufferWriter<byte> content, bool durable)
    {
        var path = Path.Combine(directory, _fileName);
        if (durable && !File.Exists(path))
            AtomicFile.WriteFirst(path, content.WrittenSpan);
        else
            AtomicFile.Write(path, content.WrittenSpan, UnixFileMode.UserRead | UnixFileMode.UserWrite, durable);
    }

    private ArrayBufferWriter<byte> Written(T record)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("schema"u8, _schema);
            writer.WritePropertyName("record"u8);
            JsonSerializer.Serialize(writer, record, _json);
            writer.WriteEndObject();
        }
        return buffer;
    }

    /// <summary>Keys whose directory was prepared and has no record: who did that died meanwhile. The next <see cref="Scan"/> removes them.</summary>
    public IReadOnlyList<string> Unfinished()
    {
        NameAhead();
        return [.. Directory.EnumerateDirectories(_root).Where(directory => !IsWritten(Path.Combine(directory, _fileName))).Select(directory => Path.GetFileName(directory)).Where(IsKey)];
    }

    /// <summary>Reads one record; null if there is none.</summary>
    /// <exception cref="StorageException">Corrupt: the file is there but cannot be read.</exception>
    public T? Find(string key)
    {
        try
        {
            // Empty: the machine stopped before the first record was on the disk, and nobody was told of it.
            return File.ReadAllBytes(Path.Combine(DirectoryOf(key), _fileName)) is { Length: > 0 } content && ReservedFile.IsFilled(content) ? Read(content) : null;
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException broken)
        {
            throw new StorageException(StorageError.Corrupt, $"cannot read record '{key}' of '{_root}': {broken.Message}", broken);
        }
    }

    /// <summary>Reads all records, and finishes what a crash interrupted: half-made and half-removed entities go.</summary>
    public RecordScan<T> Scan()
    {
        NameAhead();
        var records = new List<StoredRecord<T>>();
        var damaged = new List<DamagedRecord>();
        foreach (var directory in Directory.EnumerateDirectories(_root).Order(StringComparer.Ordinal))
        {
            var key = Path.GetFileName(directory);
            if (key.StartsWith(RemovedTrees.Prefix, StringComparison.Ordinal))
            {
                DiskRefusal.TryNow(() => RemovedTrees.Empty(directory));
                continue;
            }
            if (!IsKey(key))
                continue;
            try
            {
                DiskRefusal.TryNow(() => AtomicFile.RemoveLeftovers(directory));
                if (Find(key) is { } record)
                    records.Add(new StoredRecord<T>(key, record));
                else
                    DiskRefusal.TryNow(() => RemovedTrees.Empty(directory));
            }
            catch (StorageException unreadable)
            {
                damaged.Add(new DamagedRecord(key, unreadable.Message));
            }
        }
        return new RecordScan<T>(records, damaged);
    }

    /// <summary>Removes the entity's directory with all that is in it. It is gone at once: first renamed, then emptied.</summary>
    /// <returns>False if there was none.</returns>
    public bool Remove(string key) => RemovedTrees.Remove(DirectoryOf(key), _removed);

    private T Read(ReadOnlyMemory<byte> content)
    {
        using var document = JsonDocument.Parse(content);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("schema"u8, out var schema) || !schema.TryGetInt32(out var version))
            throw new JsonException("it has no schema version");
        if (version > _schema)
            throw new JsonException($"its schema version {version} is newer than this engine's {_schema}: run the newer engine");
        if (!root.TryGetProperty("record"u8, out var record))
            throw new JsonException("it has no record");
        return record.Deserialize(_json) ?? throw new JsonException("its record is null");
    }

    private static string Checked(string key) =>
        IsKey(key) ? key : throw new StorageException(StorageError.InvalidInput, $"invalid record key '{key}': want letters, digits, '_', '.' and '-', beginning with a letter or digit");

    private static bool IsKey(string key) =>
        key.Length is > 0 and <= 200 && char.IsAsciiLetterOrDigit(key[0]) && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');
}
