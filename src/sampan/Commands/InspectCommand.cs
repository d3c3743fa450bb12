using System.Text.Json.Serialization.Metadata;
using Sampan.Cli.Arguments;
using Sampan.DockerApi;
using Sampan.DockerApi.Client;

namespace Sampan.Cli.Commands;

/// <summary>inspect: finds out of what kind each name is; and the inspect of each kind.</summary>
internal static class InspectCommand
{
    private static readonly Option<string> s_format = InspectPrinter.Format();
    private static readonly Option<bool> s_size = Option.Flag("size", 's', "Show sizes if it is a container");
    private static readonly Option<string> s_type = new("type", null, "string", "Look only for this kind of object", "", static (_, t) => t) { Choices = ["container", "image", "network", "volume", "plugin"] };
    private static readonly Option<string> s_platform = Option.Text("platform", null, "string", "Platform of a multi-platform image (os/arch)");
    private static readonly Option<bool> s_verbose = Option.Flag("verbose", 'v', "Show more, for diagnosis");

    public static Command Any { get; } = new()
    {
        Name = "inspect",
        Summary = "Return low-level information on Sampan objects",
        Details = "Looks for a container of that name, then an image, a network, a volume and a plugin.",
        Arguments = "NAME|ID [NAME|ID...]",
        MinWords = 1,
        Options = [s_format, s_size, s_type],
        Completes = Candidates.Objects,
        IsSequential = true,
        Run = RunAsync,
    };

    public static Command Container { get; } = Of("container", "Display detailed information on one or more containers", Candidates.Containers, [s_format, s_size], static () => DockerApiJson.Wire.ContainerInspect,
        (call, name) => call.Client.InspectContainerJsonAsync(name, call.Get(s_size), call.Cancelled));

    public static Command Image { get; } = Of("image", "Display detailed information on one or more images", Candidates.Images, [s_format, s_platform], static () => DockerApiJson.Wire.ImageInspect,
        (call, name) => call.Client.InspectImageJsonAsync(name, call.Given(s_platform) is { } p ? PlatformJson.Write(p) : null, call.Cancelled));

    public static Command Network { get; } = Of("network", "Display detailed information on one or more networks", Candidates.Networks, [s_format, s_verbose], static () => DockerApiJson.Wire.NetworkInspect,
        (call, name) => call.Client.InspectNetworkJsonAsync(name, call.Get(s_verbose), call.Cancelled));

    public static Command Volume { get; } = Of("volume", "Display detailed information on one or more volumes", Candidates.Volumes, [s_format], static () => DockerApiJson.Wire.VolumeInspect,
        (call, name) => call.Client.InspectVolumeJsonAsync(name, call.Cancelled));

    public static Command Plugin { get; } = Of("plugin", "Display detailed information on one or more plugins", Candidates.Plugins, [s_format], static () => DockerApiJson.Wire.PluginInspect,
        (call, name) => call.Client.InspectPluginJsonAsync(name, call.Cancelled));

    private static Command Of(string kind, string summary, Candidates candidates, IReadOnlyList<Option> options, Func<JsonTypeInfo> type, Func<Invocation, string, Task<byte[]>> fetch) => new()
    {
        Name = "inspect",
        Summary = summary,
        Arguments = $"{kind.ToUpperInvariant()} [{kind.ToUpperInvariant()}...]",
        MinWords = 1,
        Options = options,
        Completes = candidates,
        IsSequential = true,
        Run = call => InspectPrinter.RunAsync(call, call.Get(s_format), type, name => fetch(call, name)),
    };

    private static Task<int> RunAsync(Invocation call)
    {
        string type = call.Get(s_type);
        if (type is not ("" or "container" or "image" or "network" or "volume" or "plugin"))
            throw new CommandException($"unknown type: \"{type}\": must be one of \"container\", \"image\", \"network\", \"volume\", \"plugin\"");
        return InspectPrinter.RunAsync(call, call.Get(s_format), name => FetchAsync(call, type, name));
    }

    private static async Task<(byte[] Json, Func<JsonTypeInfo> Type)> FetchAsync(Invocation call, string type, string name)
    {
        (string Kind, Func<JsonTypeInfo> Type, Func<Task<byte[]>> Fetch)[] kinds =
        [
            ("container", static () => DockerApiJson.Wire.ContainerInspect, () => call.Client.InspectContainerJsonAsync(name, call.Get(s_size), call.Cancelled)),
            ("image", static () => DockerApiJson.Wire.ImageInspect, () => call.Client.InspectImageJsonAsync(name, null, call.Cancelled)),
            ("network", static () => DockerApiJson.Wire.NetworkInspect, () => call.Client.InspectNetworkJsonAsync(name, false, call.Cancelled)),
            ("volume", static () => DockerApiJson.Wire.VolumeInspect, () => call.Client.InspectVolumeJsonAsync(name, call.Cancelled)),
            ("plugin", static () => DockerApiJson.Wire.PluginInspect, () => call.Client.InspectPluginJsonAsync(name, call.Cancelled)),
        ];
        foreach (var (kind, json, fetch) in kinds)
        {
            if (type.Length > 0 && type != kind) continue;
            try
            {
                return (await fetch().ConfigureAwait(false), json);
            }
            catch (DockerApiException e) when (type.Length == 0 && (e.IsNotFound || e.StatusCode == 501 || IsNoReference(e)))
            {
                // Not of this kind: try the next.
            }
        }
        throw new CommandException($"Error: No such object: {name}");
    }

    // A volume or network may have a name that no image can have: the engine refuses it as a reference.
    private static bool IsNoReference(DockerApiException e) => e.StatusCode == 400 && e.Message.Contains("invalid reference format", StringComparison.Ordinal);
}
