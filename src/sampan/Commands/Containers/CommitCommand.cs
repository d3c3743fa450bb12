using Sampan.Cli.Arguments;
using Sampan.Cli.Commands.Images;

namespace Sampan.Cli.Commands.Containers;

/// <summary>commit: an image of a container's changes.</summary>
internal static class CommitCommand
{
    private static readonly Option<string> s_author = Option.Text("author", 'a', "string", "Who made it (e.g., \"John Hannibal Smith <hannibal@a-team.com>\")");
    private static readonly Option<IReadOnlyList<string>> s_change = Option.List("change", 'c', "list", "Apply a Dockerfile instruction (CMD, ENV, …) to the image");
    private static readonly Option<string> s_message = Option.Text("message", 'm', "string", "Message for the image's history");
    private static readonly Option<bool> s_pause = Option.Flag("pause", 'p', "Pause the container meanwhile", initial: true);

    public static Command Command { get; } = new()
    {
        Name = "commit",
        Summary = "Create a new image from a container's changes",
        Aliases = ["container commit", "commit"],
        Arguments = "CONTAINER [REPOSITORY[:TAG]]",
        MinWords = 1,
        MaxWords = 2,
        Options = [s_author, s_change, s_message, s_pause],
        Completes = Candidates.Containers,
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        var (repository, tag) = call.Words.Count > 1 ? ImageName.Split(call.Words[1]) : (null, null);
        var made = await call.Client.CommitContainerAsync(
            call.Words[0], repository, tag, call.Given(s_message), call.Given(s_author), call.Get(s_pause), call.Get(s_change), call.Cancelled).ConfigureAwait(false);
        call.Out.WriteLine(made.Id);
        return 0;
    }
}
