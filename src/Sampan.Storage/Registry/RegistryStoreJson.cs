using System.Text.Json.Serialization;

namespace Sampan.Storage.Registry;

/// <summary>Reads and writes the registry's own files, without reflection.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredManifest))]
[JsonSerializable(typeof(UploadRecord))]
internal sealed partial class RegistryStoreJson : JsonSerializerContext;
