using Sampan.Cli.Arguments;
using Sampan.Cli.Commands;
using Sampan.Cli.Commands.Images;
using Sampan.Cli.Registries;
using Sampan.DockerApi.Client;

namespace Sampan.Cli.Compose;

/// <summary>compose pull and push.</summary>
internal static class ImageVerbs
{
    private static readonly Option<bool> s_ignore = Option.Flag("ignore-pull-failures", null, "Go on with what can be fetched");
    private static readonly Option<bool> s_ignorePush = Option.Flag("ignore-push-failures", null, "Go on with what can be pushed");
    private static readonly Option<bool> s_ignoreBuildable = Option.Flag("ignore-buildable", null, "Leave out images that are built");
    private static readonly Option<bool> s_deps = Option.Flag("include-deps", null, "The images of dependencies, too");
    private static readonly Option<string> s_policy = new("policy", null, "string", "Which to fetch: missing or always", "always", static (_, t) => t is "missing" or "always" ? t : throw new FormatException("expected missing or always")) { Choices = ["missing", "always"] };
    private static readonly Option<bool> s_quiet = Option.Flag("quiet", 'q', "Don't show how it goes");

    public static Command Pull { get; } = new()
    {
        Name = "pull",
        Summary = "Pull service images",
        Arguments = "[SERVICE...]",
        Options = [s_ignoreBuildable, s_ignore, s_deps, s_policy, s_quiet, Option.Refused("parallel", null, "", "", "images are fetched one by one, their layers side by side"), Option.Refused("no-parallel", null, "", "", "images are always fetched one by one")],
        Run = call => EachImageAsync(call, call.Get(s_ignore), async service =>
        {
            if (call.Get(s_policy) == "missing" && await IsThereAsync(call, service.Image).ConfigureAwait(false)) return;
            await ImagePull.RunAsync(call, service.Image, null, call.Get(s_quiet) ? TextWriter.Null : call.Out).ConfigureAwait(false);
        }, skip: service => service.IsBuilt && (call.Get(s_ignoreBuildable) || service.Tree["image"] is null)),
    };

    public static Command Push { get; } = new()
    {
        Name = "push",
        Summary = "Push service images",
        Arguments = "[SERVICE...]",
        Options = [s_ignorePush, s_deps, s_quiet],
        Run = call => EachImageAsync(call, call.Get(s_ignorePush), async service =>
        {
            int code = await call.RunAsync(PushCommand.Command, call.Get(s_quiet) ? ["--quiet", service.Image] : [service.Image]).ConfigureAwait(false);
            if (code != 0) throw new CommandException($"cannot push '{service.Image}'", code);
        }, skip: static service => !service.IsBuilt || service.Tree["image"] is null),
    };

    private static async Task<int> EachImageAsync(Invocation call, bool ignoreFailures, Func<Sampan.Compose.Model.Service, Task> act, Func<Sampan.Compose.Model.Service, bool> skip)
    {
        var project = ComposeProject.Load(call, call.Words);
        var services = project.Select(call.Words, call.Get(s_deps)).Where(s => !skip(s)).DistinctBy(s => s.Image, StringComparer.Ordinal).ToList();
        int code = await call.EachAsync(services.Select(s => s.Name), name => act(project.Services[name])).ConfigureAwait(false);
        return ignoreFailures ? 0 : code;
    }

    private static async Task<bool> IsThereAsync(Invocation call, string image)
    {
        try
        {
            _ = await call.Client.InspectImageAsync(image, call.Cancelled).ConfigureAwait(false);
            return true;
        }
        catch (DockerApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }
}
