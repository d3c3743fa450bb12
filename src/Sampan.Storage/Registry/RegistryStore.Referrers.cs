using System.Buffers;
using System.Text.Json;
using Sampan.Oci.Images;

namespace Sampan.Storage.Registry;

/// <summary>What manifests are about which: signatures, attestations, bills of material.</summary>
public sealed partial class RegistryStore
{
    /// <summary>
    /// The manifests that are about one, as an index. Each is a link of its own: two pushes at the same time cannot lose each other's.
    /// </summary>
    /// <param name="name">The repository.</param>
    /// <param name="subject">The one that they are about; it need not be there.</param>
    /// <param name="artifactType">Only those of this type; null: all.</param>
    /// <param name="last">Only those behind this one; null: from the first on.</param>
    /// <returns>The index, of at most the size that manifests may have, and where the next one begins; null: there are no more.</returns>
    public (ReadOnlyMemory<byte> Index, ContentDigest? Next) ListReferrers(RepositoryName name, ContentDigest subject, string? artifactType, ContentDigest? last)
    {
        var output = new ArrayBufferWriter<byte>();
        ContentDigest? written = null;
        ContentDigest? next = null;
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteNumber("schemaVersion", 2);
            json.WriteString("mediaType", MediaTypes.OciIndex);
            json.WriteStartArray("manifests");
            foreach (var digest in EnumerateReferrers(name, subject).Where(digest => last is not { } behind || string.CompareOrdinal(digest.ToString(), behind.ToString()) > 0).OrderBy(digest => digest.ToString(), StringComparer.Ordinal))
            {
                if (ReadRecord(name, digest) is not { } record || (artifactType is not null && record.ArtifactType != artifactType))
                    continue;
                json.Flush();
                if (written is not null && output.WrittenCount + SizeOf(record) > Options.ManifestMaxBytes)
                {
                    next = written;
                    break;
                }
                Write(json, digest, record);
                written = digest;
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return (output.WrittenMemory, next);
    }

    private IEnumerable<ContentDigest> EnumerateReferrers(RepositoryName name, ContentDigest subject) =>
        Entries(Path.Combine(DirectoryOf(name), Referrers, subject.FileName))
            .Select(entry => ContentDigest.TryParseFileName(entry, out var digest) ? digest : default)
            .Where(digest => digest != default);

    private string ReferrerOf(RepositoryName name, ContentDigest subject, ContentDigest referrer) =>
        Path.Combine(DirectoryOf(name), Referrers, subject.FileName, referrer.FileName);

    // More than it will be: every sign may need six.
    private static long SizeOf(StoredManifest record) =>
        1024 + record.MediaType.Length + (6L * (record.ArtifactType?.Length ?? 0)) + (record.Annotations?.Sum(note => 16 + (6L * (note.Key.Length + note.Value.Length))) ?? 0);

    private static void Write(Utf8JsonWriter json, ContentDigest digest, StoredManifest record)
    {
        json.WriteStartObject();
        json.WriteString("mediaType", record.MediaType);
        json.WriteString("digest", digest.ToString());
        json.WriteNumber("size", record.Size);
        if (record.ArtifactType is not null)
            json.WriteString("artifactType", record.ArtifactType);
        if (record.Annotations is { Count: > 0 } notes)
        {
            json.WriteStartObject("annotations");
            foreach (var (key, value) in notes)
                json.WriteString(key, value);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }
}
