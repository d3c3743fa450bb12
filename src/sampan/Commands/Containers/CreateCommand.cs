using Sampan.Cli.Arguments;
using Sampan.Cli.Requests;
using Sampan.DockerApi.Client;

namespace Sampan.Cli.Commands.Containers;

/// <summary>create: a container that is ready to be started; prints its id.</summary>
internal static class CreateCommand
{
    public static Command Command { get; } = new()
    {
        Name = "create",
        Summary = "Create a new container",
        Details = "Like run, but the container is not started: do that with start. Options end at the image's name.",
        Aliases = ["container create", "create"],
        Arguments = "IMAGE [COMMAND] [ARG...]",
        MinWords = 1,
        OptionsEndAtFirstWord = true,
        Options = CreateOptions.All,
        Completes = Candidates.Images,
        IsSequential = true,
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        var request = ContainerCreation.Request(call, "create", detached: false);
        try
        {
            call.Out.WriteLine(await ContainerCreation.CreateAsync(call, request).ConfigureAwait(false));
            return 0;
        }
        catch (DockerApiException e) when (e.StatusCode is not null)
        {
            throw new CommandException(Failure.Text(e), 1, e);
        }
    }
}
