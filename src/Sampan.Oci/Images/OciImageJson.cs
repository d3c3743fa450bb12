using System.Text.Json.Serialization;

namespace Sampan.Oci.Images;

/// <summary>Reads and writes the documents of the image specification, without reflection.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Descriptor))]
[JsonSerializable(typeof(ImageManifest))]
[JsonSerializable(typeof(ImageIndex))]
[JsonSerializable(typeof(ImageConfig))]
[JsonSerializable(typeof(ImageDefaults))]
public sealed partial class OciImageJson : JsonSerializerContext;
