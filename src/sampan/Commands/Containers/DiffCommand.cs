using Sampan.Cli.Arguments;
using Sampan.Cli.Commands.Images;
using Sampan.Cli.Output;
using Sampan.DockerApi;

namespace Sampan.Cli.Commands.Containers;

/// <summary>diff and export: a container's filesystem.</summary>
internal static class DiffCommand
{
    private static readonly Option<string> s_output = new("output", 'o', "string", "Write to this file in place of stdout", "", static (_, t) => t) { Completes = Candidates.Files };

    public static Command Diff { get; } = new()
    {
        Name = "diff",
        Summary = "Inspect changes to files or directories on a container's filesystem",
        Details = "A: added, C: changed, D: deleted.",
        Aliases = ["container diff", "diff"],
        Arguments = "CONTAINER",
        MinWords = 1,
        MaxWords = 1,
        Options = [JsonFormat.Option],
        Completes = Candidates.Containers,
        Run = DiffAsync,
    };

    public static Command Export { get; } = new()
    {
        Name = "export",
        Summary = "Export a container's filesystem as a tar archive",
        Aliases = ["container export", "export"],
        Arguments = "CONTAINER",
        MinWords = 1,
        MaxWords = 1,
        Options = [s_output],
        Completes = Candidates.Containers,
        Run = ExportAsync,
    };

    private static async Task<int> DiffAsync(Invocation call)
    {
        var changes = await call.Client.ContainerChangesAsync(call.Words[0], call.Cancelled).ConfigureAwait(false);
        if (JsonFormat.Print(call, changes, DockerApiJson.Wire.FilesystemChangeList)) return 0;
        foreach (var change in changes)
            call.Out.WriteLine($"{change.Kind switch { 0 => 'C', 1 => 'A', _ => 'D' }} {change.Path}");
        return 0;
    }

    private static async Task<int> ExportAsync(Invocation call)
    {
        if (call.Given(s_output) is null && StandardIo.OutIsTerminal)
            throw new CommandException("cowardly refusing to save to a terminal. Use the -o flag or redirect");
        var archive = await call.Client.ExportContainerAsync(call.Words[0], cancellationToken: call.Cancelled).ConfigureAwait(false);
        await using (archive.ConfigureAwait(false)) await ArchiveVerbs.CopyOutAsync(call, archive, call.Given(s_output)).ConfigureAwait(false);
        return 0;
    }
}
