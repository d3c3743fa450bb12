using System.Text.Json;
using Sampan.Cli.Templates;
using Sampan.DockerApi;
using Sampan.DockerApi.Images;

namespace Sampan.Cli.Tables;

/// <summary>A platform in a list: an object where JSON is asked for, <c>linux/amd64</c> where it is printed.</summary>
internal sealed class PlatformValue(OciPlatform platform) : ITemplateObject
{
    /// <inheritdoc/>
    public string Kind => "platform";

    /// <inheritdoc/>
    public bool TryGet(string name, IReadOnlyList<object?> arguments, out object? value)
    {
        (bool known, value) = name switch
        {
            "Architecture" => (true, platform.Architecture),
            "OS" => (true, platform.Os),
            "OSVersion" => (true, platform.OsVersion ?? ""),
            "Variant" => (true, platform.Variant ?? ""),
            _ => (false, (object?)null),
        };
        return known && arguments.Count == 0;
    }

    /// <inheritdoc/>
    public string ToJson() => JsonSerializer.Serialize(platform, DockerApiJson.Default.OciPlatform);

    /// <inheritdoc/>
    public string Print() => string.IsNullOrEmpty(platform.Variant) ? $"{platform.Os}/{platform.Architecture}" : $"{platform.Os}/{platform.Architecture}/{platform.Variant}";
}
