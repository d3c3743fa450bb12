using System.Text.Json;
using Sampan.Oci.Images;

namespace Sampan.Storage.Registry;

/// <summary>
/// What a registry has to know of a manifest that is pushed: its kind, and what it refers to. Images and indexes are read strictly; of
/// documents that nobody here knows, what looks like references is taken for such. Pure.
/// </summary>
internal sealed class ManifestFacts
{
    private const int MediaTypeMaxLength = 255;

    // Go reads field names without regard to case: "Layers" would be layers for one reader and nothing for another.
    private static readonly string[] s_fields = ["schemaVersion", "mediaType", "artifactType", "config", "layers", "blobs", "manifests", "subject", "annotations"];

    private readonly List<Reference> _blobs = [];
    private readonly List<Reference> _manifests = [];

    private ManifestFacts(string mediaType) => MediaType = mediaType;

    /// <summary>Something that a manifest refers to.</summary>
    /// <param name="Digest">Its digest.</param>
    /// <param name="Size">Its size as the manifest has it.</param>
    /// <param name="IsElsewhere">True if clients get it from other places, so that it need not be here.</param>
    internal readonly record struct Reference(ContentDigest Digest, long Size, bool IsElsewhere);

    internal string MediaType { get; }

    internal IReadOnlyList<Reference> Blobs => _blobs;

    internal IReadOnlyList<Reference> Manifests => _manifests;

    internal ContentDigest? Subject { get; private set; }

    private string? ArtifactType { get; set; }

    private IReadOnlyDictionary<string, string>? Annotations { get; set; }

    /// <summary>Reads a manifest.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="contentType">What it is said to be, without parameters; null: not said.</param>
    /// <exception cref="RegistryRefusalException">ManifestInvalid, or DigestInvalid.</exception>
    internal static ManifestFacts Read(ReadOnlyMemory<byte> content, string? contentType)
    {
        try
        {
            using var document = JsonDocument.Parse(content);
            return Read(document.RootElement, contentType);
        }
        catch (JsonException broken)
        {
            throw Invalid($"it is no JSON: {broken.Message.TrimEnd('.')}");
        }
        catch (InvalidOperationException)
        {
            // Bytes that are no UTF-8, halves of characters: told only when the text is asked for.
            throw Invalid("a text in it is no Unicode");
        }
    }

    /// <summary>True for <c>type/subtype</c> of the signs that a header may have.</summary>
    internal static bool IsMediaType(string? text) =>
        text is { Length: > 2 and <= MediaTypeMaxLength } && text.IndexOf('/') is > 0 and var slash && slash < text.Length - 1
        && text.AsSpan(slash + 1).IndexOf('/') < 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '+' or '-' or '_' or '!' or '#' or '$' or '&' or '^');

    /// <summary>As the repository keeps it.</summary>
    /// <param name="size">The document's size in bytes.</param>
    internal StoredManifest ToStored(long size) => new()
    {
        MediaType = MediaType,
        Size = size,
        ArtifactType = ArtifactType,
        Annotations = Annotations,
        Subject = Subject?.ToString(),
        Blobs = [.. _blobs.Select(blob => blob.Digest.ToString()).Distinct()],
        Manifests = [.. _manifests.Select(manifest => manifest.Digest.ToString()).Distinct()],
    };

    private static ManifestFacts Read(JsonElement root, string? contentType)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw Invalid("it is no JSON object");
        RefuseAmbiguity(root);
        var own = Text(root, "mediaType");
        if (own is not null && contentType is not null && own != contentType)
            throw Invalid($"its header says '{contentType}', the document itself '{own}'");
        var facts = new ManifestFacts(own ?? contentType ?? Guess(root));
        if (!IsMediaType(facts.MediaType))
            throw Invalid($"'{facts.MediaType}' is no media type");
        if (facts.MediaType.StartsWith("application/vnd.docker.distribution.manifest.v1+", StringComparison.Ordinal))
            throw Invalid("Docker's image format of before 2016 (manifest schema 1) is not supported: push it with a current tool");
        if (MediaTypes.IsManifest(facts.MediaType))
            facts.ReadImage(root);
        else if (MediaTypes.IsIndex(facts.MediaType))
            facts.ReadIndex(root);
        else
            facts.ReadOther(root);
        facts.ReadCommon(root);
        return facts;
    }

    private static string Guess(JsonElement root) =>
        root.TryGetProperty("manifests", out _) ? MediaTypes.OciIndex
        : root.TryGetProperty("layers", out _) ? MediaTypes.OciManifest
        : throw Invalid("neither a Content-Type header nor a field 'mediaType' says what it is");

    // One document must not be read as two things by two readers (CVE-2021-41190).
    private static void RefuseAmbiguity(JsonElement root)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var property in root.EnumerateObject())
        {
            var known = Array.Find(s_fields, field => field.Equals(property.Name, StringComparison.OrdinalIgnoreCase));
            if (known is not null && known != property.Name)
                throw Invalid($"the field '{property.Name}' could be read as '{known}'");
            if (!seen.Add(property.Name) && known is not null)
                throw Invalid($"it has the field '{known}' twice");
        }
    }

    private void ReadImage(JsonElement root)
    {
        RequireSchema(root);
        Refuse(root, "manifests");
        if (!root.TryGetProperty("config", out var config))
            throw Invalid("it has no 'config'");
        _blobs.Add(Descriptor(config, "config"));
        foreach (var layer in List(root, "layers", isRequired: true))
            _blobs.Add(Descriptor(layer, "layers"));
        ArtifactType = Text(config, "mediaType");
    }

    private void ReadIndex(JsonElement root)
    {
        RequireSchema(root);
        Refuse(root, "config");
        Refuse(root, "layers");
        foreach (var manifest in List(root, "manifests", isRequired: true))
            _manifests.Add(Descriptor(manifest, "manifests"));
    }

    private void ReadOther(JsonElement root)
    {
        if (root.TryGetProperty("config", out var config) && IsReference(config))
            _blobs.Add(Descriptor(config, "config"));
        foreach (var field in new[] { "layers", "blobs" })
            _blobs.AddRange(List(root, field, isRequired: false).Where(IsReference).Select(blob => Descriptor(blob, field)));
        _manifests.AddRange(List(root, "manifests", isRequired: false).Where(IsReference).Select(manifest => Descriptor(manifest, "manifests")));
    }

    private void ReadCommon(JsonElement root)
    {
        if (Text(root, "artifactType") is { Length: > 0 } artifactType)
            ArtifactType = artifactType;
        if (root.TryGetProperty("subject", out var subject) && subject.ValueKind != JsonValueKind.Null)
            Subject = Descriptor(subject, "subject").Digest;
        if (root.TryGetProperty("annotations", out var annotations) && annotations.ValueKind != JsonValueKind.Null)
        {
            if (annotations.ValueKind != JsonValueKind.Object)
                throw Invalid("its 'annotations' are no object");
            var all = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var note in annotations.EnumerateObject())
                all[note.Name] = note.Value.ValueKind == JsonValueKind.String ? note.Value.GetString() ?? "" : throw Invalid($"its annotation '{note.Name}' is no text");
            Annotations = all;
        }
    }

    private static void RequireSchema(JsonElement root)
    {
        if (!root.TryGetProperty("schemaVersion", out var schema) || schema.ValueKind != JsonValueKind.Number || !schema.TryGetInt32(out var version) || version != 2)
            throw Invalid("its 'schemaVersion' is not 2");
    }

    private static void Refuse(JsonElement root, string field)
    {
        if (root.TryGetProperty(field, out _))
            throw Invalid($"it has the field '{field}', which its kind of document must not have");
    }

    private static JsonElement.ArrayEnumerator List(JsonElement root, string field, bool isRequired)
    {
        if (!root.TryGetProperty(field, out var list) || list.ValueKind != JsonValueKind.Array)
        {
            if (isRequired)
                throw Invalid($"its '{field}' are no list");
            return default;
        }
        return list.EnumerateArray();
    }

    private static bool IsReference(JsonElement element) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty("digest", out _);

    private static Reference Descriptor(JsonElement element, string field)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Invalid($"a descriptor in '{field}' is no object");
        var text = Text(element, "digest");
        // CVE-2026-95839: a malformed digest of a subject ended a daemon.
        if (!ContentDigest.TryParse(text, out var digest))
            throw new RegistryRefusalException(RefusalCode.ManifestInvalid, $"manifest invalid: a descriptor in '{field}' has the invalid digest '{text}'");
        if (!element.TryGetProperty("size", out var number) || number.ValueKind != JsonValueKind.Number || !number.TryGetInt64(out var size) || size < 0)
            throw Invalid($"the descriptor of '{digest}' in '{field}' has no size");
        var type = Text(element, "mediaType");
        var elsewhere = (element.TryGetProperty("urls", out var urls) && urls.ValueKind == JsonValueKind.Array && urls.GetArrayLength() > 0)
            || type?.StartsWith("application/vnd.oci.image.layer.nondistributable.", StringComparison.Ordinal) == true
            || type == "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
        return new Reference(digest, size, elsewhere);
    }

    private static string? Text(JsonElement element, string field)
    {
        if (!element.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Invalid($"its '{field}' is no text");
    }

    private static RegistryRefusalException Invalid(string why) => new(RefusalCode.ManifestInvalid, $"manifest invalid: {why}");
}
