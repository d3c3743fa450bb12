using System.Text.Json.Serialization;
using Sampan.Storage.Images;
using Sampan.Storage.Images.Layouts;
using Sampan.Storage.Plugins;
using Sampan.Storage.Snapshots;
using Sampan.Storage.Volumes;

namespace Sampan.Storage;

/// <summary>Reads and writes the store's own files, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LayerRecord))]
[JsonSerializable(typeof(SnapshotRecord))]
[JsonSerializable(typeof(VolumeRecord))]
[JsonSerializable(typeof(PluginRecord))]
[JsonSerializable(typeof(StoredImage))]
[JsonSerializable(typeof(StoredReferences))]
[JsonSerializable(typeof(IReadOnlyList<ArchiveManifest>))]
[JsonSerializable(typeof(Dictionary<string, Dictionary<string, string>>))]
[JsonSerializable(typeof(ImageLayoutMarker))]
internal sealed partial class StorageJson : JsonSerializerContext;
