using System.Text.Json;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;

namespace Sampan.Network.Endpoints;

/// <summary>
/// The records of containers' namespaces and endpoints, <c>&lt;exec-root&gt;/netns/&lt;container&gt;.json</c>, beside the namespaces they describe. They need to outlive
/// the daemon, not the machine: nothing is synced.
/// </summary>
internal sealed class SandboxStore(string directory)
{
    private const string Suffix = ".json";

    internal string NamespacePath(string containerId) => Path.Combine(directory, containerId);

    internal void Save(SandboxRecord record) =>
        AtomicFile.Write(RecordPath(record.ContainerId), JsonSerializer.SerializeToUtf8Bytes(record, NetworkJson.Default.SandboxRecord), durable: false);

    internal void Remove(string containerId)
    {
        File.Delete(RecordPath(containerId));
        FailPoint.Changed("removed", RecordPath(containerId));
    }

    /// <summary>All records; files that a power cut left empty or cut off describe namespaces that are gone, and are removed.</summary>
    internal IReadOnlyList<SandboxRecord> Load()
    {
        AtomicFile.RemoveLeftovers(directory);
        List<SandboxRecord> records = [];
        foreach (var path in Directory.EnumerateFiles(directory, "*" + Suffix).Where(p => !Path.GetFileName(p).StartsWith('.')))
        {
            if (TryRead(path) is { } record)
                records.Add(record);
            else
                File.Delete(path);
        }

        return records;
    }

    /// <summary>The containers that have a namespace file here.</summary>
    internal IReadOnlyList<string> Namespaces() =>
        [.. Directory.EnumerateFiles(directory).Select(p => Path.GetFileName(p)).Where(n => !n.EndsWith(Suffix, StringComparison.Ordinal) && !n.StartsWith('.'))];

    private static SandboxRecord? TryRead(string path)
    {
        try
        {
            var record = JsonSerializer.Deserialize(File.ReadAllBytes(path), NetworkJson.Default.SandboxRecord);
            return record is { Schema: SandboxRecord.CurrentSchema } ? record : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private string RecordPath(string containerId) => Path.Combine(directory, containerId + Suffix);
}
