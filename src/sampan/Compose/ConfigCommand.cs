using System.Text;
using Sampan.Cli.Arguments;
using Sampan.Cli.Commands;
using Sampan.Cli.Commands.Images;
using Sampan.Cli.Output;
using Sampan.Cli.Registries;
using Sampan.Cli.Tables;
using Sampan.Compose.Interpolation;
using Sampan.Compose.Output;
using Sampan.Compose.Running;
using Sampan.DockerApi.Client;

namespace Sampan.Cli.Compose;

/// <summary>compose config: the project as one file, or a part of it.</summary>
internal static class ConfigCommand
{
    private static readonly Option<string> s_format = new("format", null, "string", "How to print it", "yaml", static (_, t) => t is "yaml" or "json" ? t : throw new FormatException("expected yaml or json")) { Choices = ["yaml", "json"], DefaultText = "\"yaml\"" };
    private static readonly Option<bool> s_services = Option.Flag("services", null, "Print the services' names, one a line");
    private static readonly Option<bool> s_volumes = Option.Flag("volumes", null, "Print the volumes' names, one a line");
    private static readonly Option<bool> s_networks = Option.Flag("networks", null, "Print the networks' names, one a line");
    private static readonly Option<bool> s_images = Option.Flag("images", null, "Print the images' names, one a line");
    private static readonly Option<bool> s_profiles = Option.Flag("profiles", null, "Print the profiles' names, one a line");
    private static readonly Option<string> s_hash = Option.Text("hash", null, "string", "Print the hashes of these services, with commas between; \"*\": of all");
    private static readonly Option<bool> s_environment = Option.Flag("environment", null, "Print the variables that files are filled with");
    private static readonly Option<bool> s_noInterpolate = Option.Flag("no-interpolate", null, "Leave variables as they stand");
    private static readonly Option<bool> s_noPaths = Option.Flag("no-path-resolution", null, "Leave paths as they stand");
    private static readonly Option<bool> s_noEnvironment = Option.Flag("no-env-resolution", null, "Leave env files as they stand");
    private static readonly Option<bool> s_noNormalize = Option.Flag("no-normalize", null, "Leave out what files don't say");
    private static readonly Option<bool> s_noConsistency = Option.Flag("no-consistency", null, "Don't check whether what is named is there");
    private static readonly Option<bool> s_variables = Option.Flag("variables", null, "Print the variables that files name, with their defaults");
    private static readonly Option<bool> s_lock = Option.Flag("lock-image-digests", null, "Print a file that pins images to their digests and says nothing else");
    private static readonly Option<bool> s_digests = Option.Flag("resolve-image-digests", null, "Pin images to their digests, as the engine knows them");
    private static readonly Option<bool> s_quiet = Option.Flag("quiet", 'q', "Only check, print nothing");
    private static readonly Option<string> s_output = new("output", 'o', "string", "Write into a file", "", static (_, t) => t) { Completes = Candidates.Files };

    private static readonly RowShape<TemplateVariable> s_variable = new("variable",
    [
        new("Name", "NAME", v => v.Name),
        new("Required", "REQUIRED", v => v.IsRequired ? "true" : "false"),
        new("Default", "DEFAULT VALUE", v => v.Default),
        new("Alternate", "ALTERNATE VALUE", v => v.Alternate),
    ]);

    public static Command Command { get; } = new()
    {
        Name = "config",
        OtherNames = ["convert"],
        Summary = "Parse, resolve and render the compose file in canonical form",
        Arguments = "[SERVICE...]",
        Options =
        [
            s_environment, s_format, s_hash, s_images, s_lock, s_networks, s_noConsistency, s_noEnvironment, s_noInterpolate, s_noNormalize, s_noPaths, s_output, s_profiles, s_quiet, s_digests, s_services, s_variables, s_volumes,
            Option.Refused("models", null, "", "", "models need a model runner, which Sampan is not"),
        ],
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        var project = ComposeProject.Load(call, call.Words, r => r with
        {
            Interpolate = !call.Get(s_noInterpolate) && !call.Get(s_variables),
            ResolvePaths = !call.Get(s_noPaths),
            ResolveEnvironment = !call.Get(s_noEnvironment) && !call.Get(s_variables),
            Normalize = !call.Get(s_noNormalize),
            CheckReferences = !call.Get(s_noConsistency) && !call.Get(s_variables),
            // Names of what there is, whether it takes part or not.
            Profiles = call.Get(s_profiles) || call.Get(s_variables) ? ["*"] : r.Profiles,
        });
        if (call.Get(s_quiet)) return 0;
        if (call.Get(s_variables))
        {
            ListFormat.Write(call.Out, call.Get(s_format) == "json" ? "json" : "", s_variable, ConfigText.Variables(project), "{{.Name}}\t{{.Required}}\t{{.Default}}\t{{.Alternate}}");
            return 0;
        }
        var services = project.Select(call.Words, withDependencies: true).OrderBy(s => s.Name, StringComparer.Ordinal).ToList();
        string[]? lines =
            call.Get(s_services) ? [.. services.Select(s => s.Name)]
            : call.Get(s_volumes) ? [.. project.Volumes.Keys]
            : call.Get(s_networks) ? [.. project.Networks.Keys]
            : call.Get(s_images) ? [.. services.Select(s => s.Image)]
            : call.Get(s_profiles) ? [.. services.SelectMany(s => s.Profiles).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]
            : call.Get(s_environment) ? [.. project.Environment.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}")]
            : call.Given(s_hash) is { } names ? [.. (names == "*" ? services : project.Select(names.Split(','), false)).Select(s => $"{s.Name} {ServiceHash.Of(s)}")]
            : null;
        string text;
        if (lines is not null) text = string.Concat(lines.Select(l => l + "\n"));
        else
        {
            var tree = ConfigText.Tree(project, escapeDollars: !call.Get(s_noInterpolate));
            if (call.Get(s_digests) || call.Get(s_lock)) tree = ConfigText.WithImages(tree, await DigestsAsync(call, services.Select(s => s.Image)).ConfigureAwait(false));
            if (call.Get(s_lock)) tree = ConfigText.OnlyImages(tree);
            if (call.Words.Count > 0) tree = ConfigText.Only(tree, [.. services.Select(s => s.Name)]);
            text = call.Get(s_format) == "json" ? JsonText.Write(tree) + "\n" : YamlText.Write(tree);
        }
        if (call.Given(s_output) is not { } file) call.Out.Write(text);
        else
        {
            await OutputFile.WriteAsync(Path.GetFullPath(file), target => target.WriteAsync(Encoding.UTF8.GetBytes(text), call.Cancelled).AsTask()).ConfigureAwait(false);
        }
        return 0;
    }

    private static async Task<Dictionary<string, string>> DigestsAsync(Invocation call, IEnumerable<string> images)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string image in images.Distinct(StringComparer.Ordinal))
        {
            result[image] = await KnownAsync(call, image).ConfigureAwait(false) ?? $"{ImageName.Split(image).Repository}@{await call.Client.ReadDistributionDigestAsync(image, RegistryAuth.ForImage(call, image), call.Cancelled).ConfigureAwait(false)}";
        }
        return result;
    }

    // What the engine has was fetched or sent by this digest; of what it has not, the registry knows it.
    private static async Task<string?> KnownAsync(Invocation call, string image)
    {
        try
        {
            var inspected = await call.Client.InspectImageAsync(image, call.Cancelled).ConfigureAwait(false);
            return inspected.RepoDigests is [{ } digest, ..] ? digest : throw new CommandException($"the image '{image}' has no digest: it was never pushed or pulled");
        }
        catch (DockerApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }
}
