using System.Text.Json.Serialization;

namespace Sampan.Storage.Distribution;

/// <summary>Reads what registries answer, without reflection.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(RegistryErrors))]
[JsonSerializable(typeof(TagList))]
[JsonSerializable(typeof(RepositoryList))]
[JsonSerializable(typeof(SearchAnswer))]
internal sealed partial class DistributionJson : JsonSerializerContext;
