using System.Text.Json.Serialization;

namespace Sampan.Build.Caching;

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(CacheRecord))]
[JsonSerializable(typeof(CacheMount))]
[JsonSerializable(typeof(SharedCache))]
internal sealed partial class CacheJson : JsonSerializerContext;
