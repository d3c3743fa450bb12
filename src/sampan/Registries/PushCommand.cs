using Sampan.Cli.Arguments;
using Sampan.Cli.Commands;
using Sampan.Cli.Commands.Images;
using Sampan.Cli.Output;

namespace Sampan.Cli.Registries;

/// <summary>push: one tag, or all tags of a repository.</summary>
internal static class PushCommand
{
    private static readonly Option<bool> s_allTags = Option.Flag("all-tags", 'a', "Push all tags of the repository");
    private static readonly Option<string> s_platform = Option.Text("platform", null, "string", "Push only the image for this platform (os[/arch[/variant]])");
    private static readonly Option<bool> s_referrers = Option.Flag("referrers", null, "Push also what is here of what is attached to it: signatures, lists of parts");
    private static readonly Option<bool> s_quiet = Option.Flag("quiet", 'q', "Show only the name at the end");

    public static Command Command { get; } = new()
    {
        Name = "push",
        Summary = "Upload an image to a registry",
        Aliases = ["image push", "push"],
        Arguments = "NAME[:TAG]",
        MinWords = 1,
        MaxWords = 1,
        Options = [s_allTags, Requests.CreateOptions.DisableContentTrust, s_platform, s_quiet, s_referrers],
        Completes = Candidates.Images,
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        string name = call.Words[0];
        var (repository, tag) = ImageName.Split(name);
        if (name.Contains('@')) throw new CommandException("cannot push a digest reference");
        if (call.Get(s_allTags) && tag is not null) throw new CommandException("tag can't be used with --all-tags/-a");
        if (!call.Get(s_allTags) && tag is null)
        {
            tag = "latest";
            if (!call.Get(s_quiet)) call.Out.WriteLine("Using default tag: latest");
        }
        var messages = await call.Client.PushImageAsync(repository, tag, RegistryAuth.ForImage(call, name) ?? RegistryAuth.Header(new()), call.Given(s_platform) is { } p ? PlatformJson.Write(p) : null, call.Cancelled).ConfigureAwait(false);
        await ProgressPrinter.PrintAsync(messages, call.Get(s_quiet) ? TextWriter.Null : call.Out, StandardIo.OutIsTerminal).ConfigureAwait(false);
        if (call.Get(s_referrers)) await ReferrersCommand.PushAsync(call, tag is null ? repository : $"{repository}:{tag}", call.Get(s_quiet) ? TextWriter.Null : call.Out).ConfigureAwait(false);
        if (call.Get(s_quiet)) call.Out.WriteLine(tag is null ? repository : $"{repository}:{tag}");
        return 0;
    }
}
