using System.IO.Compression;
using System.Text.Json;

namespace Sampan.Build.History;

/// <summary>
/// What steps depended on, part by part, so that a later build can say what changed: <c>DATA-ROOT/build/inputs/KEY</c>, compressed JSON from a
/// part's name to its value. A key stands for just one such list, so each is written once.
/// </summary>
internal sealed class StepInputs
{
    private const int MaxParts = 100_000;

    private readonly string _directory;

    internal StepInputs(string directory)
    {
        _directory = directory;
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Writes a step's parts unless they are there. Of very many the first are kept.</summary>
    internal void Keep(string key, Func<IEnumerable<KeyValuePair<string, string>>> parts)
    {
        var path = Path.Combine(_directory, key);
        if (File.Exists(path))
            return;
        var kept = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in parts().Take(MaxParts))
            kept[name] = value;
        // By its own name first: a killed daemon leaves no half list under a key.
        var unfinished = Path.Combine(_directory, "." + Path.GetRandomFileName());
        using (var file = new GZipStream(new FileStream(unfinished, FileMode.CreateNew), CompressionLevel.Fastest))
            JsonSerializer.Serialize(file, kept, HistoryJson.Default.DictionaryStringString);
        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>A step's parts; null: they are not known any more.</summary>
    internal IReadOnlyDictionary<string, string>? Find(string key)
    {
        try
        {
            using var file = new GZipStream(File.OpenRead(Path.Combine(_directory, key)), CompressionMode.Decompress);
            return JsonSerializer.Deserialize(file, HistoryJson.Default.DictionaryStringString);
        }
        catch (Exception gone) when (gone is IOException or InvalidDataException or JsonException)
        {
            // Nothing but an explanation depends on it.
            return null;
        }
    }

    /// <summary>Removes what no build refers to any more.</summary>
    internal void Sweep(IReadOnlySet<string> referred)
    {
        foreach (var file in Directory.EnumerateFiles(_directory).Where(file => !referred.Contains(Path.GetFileName(file))))
            File.Delete(file);
    }
}
