using System.Text.Json;
using Sampan.DockerApi;
using Sampan.DockerApi.Images;

namespace Sampan.Cli.Commands;

/// <summary>"linux/arm64/v8" as the JSON that some calls want.</summary>
internal static class PlatformJson
{
    public static string Write(string platform)
    {
        string[] parts = platform.Split('/');
        if (parts.Length is < 1 or > 3 || parts.Any(p => p.Length == 0))
            throw new CommandException($"invalid platform '{platform}': expected os[/arch[/variant]], such as linux/amd64");
        return JsonSerializer.Serialize(new OciPlatform { Os = parts[0], Architecture = parts.ElementAtOrDefault(1) ?? "", Variant = parts.ElementAtOrDefault(2) }, DockerApiJson.Wire.OciPlatform);
    }
}
