using Sampan.Cli.Arguments;
using Sampan.Cli.Tables;
using Sampan.DockerApi;

namespace Sampan.Cli.Commands.Containers;

/// <summary>top.</summary>
internal static class TopCommand
{
    public static Command Command { get; } = new()
    {
        Name = "top",
        Summary = "Display the running processes of a container",
        Details = "What follows the container's name are options of ps, such as -o pid,comm.",
        Aliases = ["container top", "top"],
        Arguments = "CONTAINER [ps OPTIONS]",
        MinWords = 1,
        Options = [JsonFormat.Option],
        OptionsEndAtFirstWord = true,
        Completes = Candidates.RunningContainers,
        IsSequential = true,
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        var top = await call.Client.TopContainerAsync(call.Words[0], call.Words.Count > 1 ? string.Join(' ', call.Words.Skip(1)) : null, call.Cancelled).ConfigureAwait(false);
        if (JsonFormat.Print(call, top, DockerApiJson.Wire.TopResponse)) return 0;
        var rows = (top.Processes ?? []).Prepend(top.Titles ?? []).Select(r => string.Join('\t', r));
        call.Out.Write(TabWriter.Align(string.Concat(rows.Select(r => r + "\n")), minWidth: 20, padding: 3));
        return 0;
    }
}
