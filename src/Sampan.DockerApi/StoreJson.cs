using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sampan.DockerApi.Builds;
using Sampan.DockerApi.Networks;
using Sampan.DockerApi.Stores;
using Sampan.DockerApi.Volumes;

namespace Sampan.DockerApi;

/// <summary>The JSON of the endpoints that only Sampan has, below <c>/sampan</c>.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<LedgerEntry>), TypeInfoPropertyName = "LedgerEntryList")]
[JsonSerializable(typeof(KnownContext))]
[JsonSerializable(typeof(PastBuild))]
[JsonSerializable(typeof(IReadOnlyList<PastBuild>), TypeInfoPropertyName = "PastBuildList")]
[JsonSerializable(typeof(StoreCheckMessage))]
[JsonSerializable(typeof(IReadOnlyList<ExposureEntry>), TypeInfoPropertyName = "ExposureEntryList")]
[JsonSerializable(typeof(ImageExplanation))]
[JsonSerializable(typeof(ReferrerList))]
[JsonSerializable(typeof(VolumeCopyRequest))]
[JsonSerializable(typeof(VolumeCopyReport))]
public sealed partial class StoreJson : JsonSerializerContext
{
    private static StoreJson? s_wire;

    /// <summary>As it goes over the wire: characters as they are.</summary>
    public static StoreJson Wire => s_wire ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, TypeInfoResolver = null });
}
